-- A parcel moves by some degrees of longitude.
UPDATE layer.parcels SET geom = ST_Translate(geom, $2::float8, 0) WHERE id = $1::bigint
