-- A parcel moves by some degrees of longitude, and says where it is then.
UPDATE layer.parcels SET geom = ST_Translate(geom, $2::float8, 0) WHERE id = $1::bigint
RETURNING ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom))
