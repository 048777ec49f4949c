-- How do a few chosen features of a layer look, of which some stand for others? Polygons that do are squares, in units of
-- the tile from its north-west corner.
WITH tile AS MATERIALIZED (
    SELECT e AS envelope, ST_XMin(e) AS west, ST_YMax(e) AS north, (ST_XMax(e) - ST_XMin(e)) / 4096 AS unit
    FROM ST_TileEnvelope($1::integer, $2::integer, $3::integer) e -- EPSG:3857
), found AS MATERIALIZED (
    SELECT f.id, {columns} f.geom, chosen.stands AS "_merged", chosen.x AS "_x", chosen.y AS "_y", chosen.side AS "_side"
    FROM unnest($4::bigint[], $5::bigint[], $6::float8[], $7::float8[], $8::float8[]) chosen (id, stands, x, y, side)
    JOIN {table} f ON f.id = chosen.id{where}
)
SELECT (SELECT coalesce(ST_AsMVT(t, {name}, 4096, 'geom', 'id' ORDER BY t.id), ''::bytea)
     FROM (SELECT f.id, {names} f."_merged", ST_AsMVTGeom(CASE WHEN f."_side" > 0 THEN ST_MakeEnvelope(
                      tile.west + f."_x" * tile.unit, tile.north - (f."_y" + f."_side") * tile.unit,
                      tile.west + (f."_x" + f."_side") * tile.unit, tile.north - f."_y" * tile.unit, 3857)
                  ELSE {geometry} END, tile.envelope, 4096, 64, true) AS geom
           FROM tile CROSS JOIN found f) t){labels} AS data
