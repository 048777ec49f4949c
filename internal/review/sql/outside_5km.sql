-- What of the shape ($1, EWKB) lies further than 5 km outside the commune; a row without an area when the commune's own
-- boundary is not there. The boundary is simplified to 50 m and widened by as much: the check is for kilometres.
WITH commune AS MATERIALIZED (
    SELECT ST_Transform(ST_Buffer(ST_Simplify(ST_Transform(ST_Union(a.geom), 9205), 50, true), 5050), 4326) AS geom
    FROM layer.admin_units a
    WHERE a.level = 'commune' AND (a.valid_to IS NULL OR a.valid_to >= current_date)
      AND a.code = coalesce((SELECT value #>> '{}' FROM bando.setting WHERE key = 'commune'), '03390')
), beyond AS (
    SELECT ST_CollectionExtract(ST_Difference(ST_GeomFromEWKB($1::bytea), c.geom), 3) AS geom, c.geom IS NULL AS unknown
    FROM commune c
)
SELECT CASE WHEN NOT b.unknown THEN ST_Area(b.geom::geography) END AS area_m2,
       ST_X(ST_PointOnSurface(b.geom)) AS lon, ST_Y(ST_PointOnSurface(b.geom)) AS lat, NULL::text AS reason
FROM beyond b
WHERE b.unknown OR ST_Area(b.geom::geography) > 100
