-- What lay in a box before it was moved away or deleted: tiles and pages of the past ask for it. New features, and changes that
-- moved nothing, cost it nothing.
CREATE INDEX log_before_geom ON bando.log USING gist (before_geom) WHERE before_geom IS NOT NULL;
