-- The share of each hamlet's area inside the union of published 5G coverage, in the plane of EPSG:9205, to a tenth of a
-- per cent; null where nothing is published at all. A hamlet verified as covered, in whole or in part, whose share falls
-- below half of what it was has lost what was verified: it is to be rechecked, dated $1.
WITH published AS MATERIALIZED (
    SELECT ST_Union(ST_Transform(c.geom, 9205)) AS geom_m
    FROM layer.coverage c
    WHERE c.technology = '5G'
), hamlet AS MATERIALIZED (
    SELECT h.id, ST_Transform(h.geom, 9205) AS geom_m
    FROM layer.hamlets h
), share AS (
    SELECT h.id,
           round((100 * ST_Area(ST_Intersection(h.geom_m, p.geom_m)) / nullif(ST_Area(h.geom_m), 0))::numeric, 1)::double precision AS pct
    FROM hamlet h CROSS JOIN published p
), fate AS (
    SELECT s.id, s.pct,
           h.coverage_5g = 'verified' AND h.coverage_5g_result IN ('covered', 'partial')
               AND h.coverage_5g_area_pct > 0 AND coalesce(s.pct, 0) < h.coverage_5g_area_pct / 2 AS lost
    FROM share s JOIN layer.hamlets h ON h.id = s.id
)
UPDATE layer.hamlets h
SET coverage_5g_area_pct = f.pct,
    coverage_5g = CASE WHEN f.lost THEN 'recheck' ELSE h.coverage_5g END,
    coverage_5g_on = CASE WHEN f.lost THEN $1::date ELSE h.coverage_5g_on END
FROM fate f
WHERE f.id = h.id AND (h.coverage_5g_area_pct IS DISTINCT FROM f.pct OR f.lost)
