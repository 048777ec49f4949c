-- Routes shorter than 50 m.
WITH {staged}
SELECT s.ord, NULL::integer, NULL::text, ST_Length(s.geom_m), ST_X(p.at), ST_Y(p.at)
FROM staged s CROSS JOIN LATERAL (SELECT ST_StartPoint(s.geom) AS at) p
WHERE s.ord = ANY ({ords}) AND ST_Length(s.geom_m) < 50
ORDER BY s.ord
