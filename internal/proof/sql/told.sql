-- What the log says of each feature of a layer, the newest first.
SELECT feature, revision, op, after, after_geom, before_geom IS NOT NULL OR after_geom IS NOT NULL FROM (
    SELECT feature, revision, ordinal, op, after::text AS after, ST_AsEWKB(after_geom, 'NDR') AS after_geom, before_geom
    FROM bando.log WHERE layer = $1) e
ORDER BY feature, revision DESC, ordinal DESC
