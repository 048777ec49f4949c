-- Forest lots whose kind is not that of the forest land they lie on: 1 RPH, 2 RDD, 3 RSX. The latest land use counts.
WITH {staged}
SELECT s.ord, NULL::integer, u.code, NULL::double precision, ST_X(p.at), ST_Y(p.at)
FROM staged s
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(s.geom) AS at OFFSET 0) p
CROSS JOIN LATERAL (
    SELECT l.code FROM layer.land_use l WHERE ST_Intersects(l.geom, p.at) ORDER BY l.year DESC, l.id LIMIT 1
) u
WHERE s.ord = ANY ({ords}) AND u.code IN ('RPH', 'RDD', 'RSX')
  AND u.code <> CASE s.props ->> 'kind' WHEN '1' THEN 'RPH' WHEN '2' THEN 'RDD' WHEN '3' THEN 'RSX' ELSE u.code END
ORDER BY s.ord
