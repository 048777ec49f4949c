INSERT INTO layer.parcels (geom, former_commune%s)
SELECT ST_Translate(geom, $1::float8, 0), $2::text || right(former_commune, 3)%s
FROM layer.parcels WHERE id <= $3::bigint
