-- Entries of the log with all that they say, and how far shapes near the commune's zone changed, in metres of EPSG:9205.
SELECT e.layer, e.feature, e.revision, e.ordinal, e.at, e.op, coalesce(e.before, '{}') AS before, coalesce(e.after, '{}') AS after,
       e.before_geom IS NOT NULL OR e.after_geom IS NOT NULL AS geometry_changed,
       e.who, coalesce(e.role, '') AS role, e.via, coalesce(e.why, '') AS why, coalesce(e.evidence, '[]') AS evidence,
       {before} AS saw_before, {own} AS own, coalesce({name}, '') AS name,
       coalesce(ST_Dimension(m.after), ST_Dimension(m.before), -1) AS dimension,
       ST_Area(m.before) AS area_before, ST_Area(m.after) AS area_after, ST_Length(m.before) AS length_before, ST_Length(m.after) AS length_after,
       ST_Distance(ST_Centroid(m.before), ST_Centroid(m.after)) AS moved
FROM bando.log e
CROSS JOIN LATERAL (
    SELECT CASE WHEN e.before_geom @ {zone} THEN ST_Transform(e.before_geom, 9205) END AS before,
           CASE WHEN e.after_geom @ {zone} THEN ST_Transform(e.after_geom, 9205) END AS after
) m
WHERE {where}
ORDER BY {order}
LIMIT {limit}
