-- What a feature was before each of its changes after a revision, the newest first.
SELECT op, coalesce(before, '{}') AS before, ST_AsEWKB(before_geom), before_geom IS NOT NULL OR after_geom IS NOT NULL
FROM bando.log
WHERE layer = $1 AND feature = $2 AND revision > $3
ORDER BY revision DESC, ordinal DESC
