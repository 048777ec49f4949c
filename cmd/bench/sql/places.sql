-- Where do people have their land? A point in each parcel of a box, or in every n-th of them.
WITH share AS (
    SELECT greatest(1, count(*) / $5::bigint) AS nth FROM layer.parcels
)
SELECT ST_X(p.at), ST_Y(p.at)
FROM share, layer.parcels f, LATERAL (SELECT ST_PointOnSurface(f.geom) AS at OFFSET 0) p
WHERE f.geom && ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, 4326) AND f.id % share.nth = 0
ORDER BY f.id
