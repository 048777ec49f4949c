-- Hamlets of which more than a hundredth lies outside the commune: provisional boundaries follow its border by eye.
WITH {staged}, commune AS MATERIALIZED (
    SELECT ST_Transform(ST_Union(a.geom), 9205) AS geom_m
    FROM layer.admin_units a
    WHERE a.level = 'commune' AND (a.valid_to IS NULL OR a.valid_to >= current_date)
      AND a.code = coalesce((SELECT value #>> '{}' FROM bando.setting WHERE key = 'commune'), '03390')
    HAVING count(*) > 0
)
SELECT s.ord, NULL::integer, NULL::text, coalesce(ST_Area(o.part) / nullif(ST_Area(s.geom_m), 0), 1), ST_X(p.at), ST_Y(p.at)
FROM staged s CROSS JOIN commune c
CROSS JOIN LATERAL (SELECT ST_Difference(s.geom_m, c.geom_m) AS part OFFSET 0) o
CROSS JOIN LATERAL (SELECT coalesce(ST_Transform(ST_PointOnSurface(o.part), 4326), ST_PointOnSurface(s.geom)) AS at OFFSET 0) p
WHERE s.ord = ANY ({ords}) AND (s.geom_m IS NULL OR ST_Area(o.part) > 0.01 * ST_Area(s.geom_m))
ORDER BY s.ord
