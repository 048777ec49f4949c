-- Rows further than 5 km from the commune; no distance when they are too far to be measured. Where the commune's own
-- boundary is not there yet, nothing can be said. It is simplified to 50 m: the rule is for slips of kilometres.
WITH {staged}, commune AS MATERIALIZED (
    SELECT ST_Simplify(ST_Transform(ST_Collect(a.geom), 9205), 50, true) AS geom_m
    FROM layer.admin_units a
    WHERE a.level = 'commune' AND (a.valid_to IS NULL OR a.valid_to >= current_date)
      AND a.code = coalesce((SELECT value #>> '{}' FROM bando.setting WHERE key = 'commune'), '03390')
    HAVING count(*) > 0
)
SELECT s.ord, NULL::integer, NULL::text, ST_Distance(s.geom_m, c.geom_m), ST_X(p.at), ST_Y(p.at)
FROM staged s CROSS JOIN commune c CROSS JOIN LATERAL (SELECT ST_Centroid(ST_Envelope(s.geom)) AS at) p
WHERE s.ord = ANY ({ords}) AND (s.geom_m IS NULL OR NOT ST_DWithin(s.geom_m, c.geom_m, 5000))
ORDER BY s.ord
