-- What does a tile show, and which revision of the log does its snapshot hold? One statement is one snapshot.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope($1::integer, $2::integer, $3::integer) AS envelope, -- EPSG:3857
           ST_MakeEnvelope($4::float8, $5::float8, $6::float8, $7::float8, 4326) AS reach, -- with its buffer
           $8::float8 AS unit, $9::float8 AS unit_north -- of 4096, in degrees to the east and to the north
)
SELECT -1 AS layer, coalesce((SELECT revision FROM bando.head), 0) AS found, 0::bigint AS specks, ''::bytea AS data
{layers}
