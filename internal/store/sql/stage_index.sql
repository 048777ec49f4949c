-- For rules that compare staged rows with each other.
CREATE INDEX IF NOT EXISTS bando_staged_geom ON pg_temp.bando_staged USING gist (geom)
