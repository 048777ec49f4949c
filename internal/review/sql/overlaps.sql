-- Where parts ($1, EWKB) lie over one another by more than 1 m², the largest first.
WITH part AS MATERIALIZED (
    SELECT p.n, ST_CollectionExtract(ST_MakeValid(ST_GeomFromEWKB(p.part)), 3) AS geom
    FROM unnest($1::bytea[]) WITH ORDINALITY AS p (part, n)
)
SELECT o.area_m2, ST_X(ST_PointOnSurface(o.geom)) AS lon, ST_Y(ST_PointOnSurface(o.geom)) AS lat, NULL::text AS reason
FROM part a
JOIN part b ON a.n < b.n AND a.geom && b.geom AND ST_Intersects(a.geom, b.geom)
CROSS JOIN LATERAL (SELECT ST_CollectionExtract(ST_Intersection(a.geom, b.geom), 3) AS geom) i
CROSS JOIN LATERAL (SELECT i.geom, ST_Area(i.geom::geography) AS area_m2) o
WHERE o.area_m2 > 1
ORDER BY o.area_m2 DESC
LIMIT 100
