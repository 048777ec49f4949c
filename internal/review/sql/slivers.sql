-- The polygons of the shape ($1, EWKB) smaller than 100 m², the smallest first.
SELECT a.area_m2, ST_X(ST_PointOnSurface(d.geom)) AS lon, ST_Y(ST_PointOnSurface(d.geom)) AS lat, NULL::text AS reason
FROM ST_Dump(ST_GeomFromEWKB($1::bytea)) d
CROSS JOIN LATERAL (SELECT ST_Area(d.geom::geography) AS area_m2) a
WHERE a.area_m2 < 100
ORDER BY a.area_m2
