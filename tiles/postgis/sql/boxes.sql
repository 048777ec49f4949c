-- Where are a layer's features in a tile, how large are they, and of which dimension? A box costs a tenth of drawing.
SELECT f.id, ({place})::box AS box, {dimension} AS dimension, {area} AS area -- degrees, square degrees
FROM (SELECT ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, 4326) AS reach) tile CROSS JOIN {table} f
WHERE f.geom && {reach}{where}
