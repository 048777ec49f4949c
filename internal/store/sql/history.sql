-- The entries of one feature, the newest first.
SELECT revision, ordinal, at, op, coalesce(before, '{}') AS before, coalesce(after, '{}') AS after,
       before_geom IS NOT NULL OR after_geom IS NOT NULL AS geometry_changed,
       who, coalesce(role, '') AS role, via, coalesce(why, '') AS why, coalesce(evidence, '[]') AS evidence
FROM bando.log
WHERE layer = $1 AND feature = $2 AND revision < $3
ORDER BY revision DESC, ordinal DESC
LIMIT $4
