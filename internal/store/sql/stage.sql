-- Lays many rows out for the rules and for writing.
WITH {staged}
INSERT INTO pg_temp.bando_staged (ord, op, id, moved, geom, geom_m, props)
SELECT ord, op, id, moved, geom, geom_m, props FROM staged
