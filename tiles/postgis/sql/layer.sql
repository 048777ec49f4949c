UNION ALL
(WITH found AS MATERIALIZED (
    SELECT f.id, {columns} f.geom, {speck} AS "_speck"
    FROM tile CROSS JOIN {table} f
    WHERE f.geom && {reach}{where}
    LIMIT {most} + 1 -- so many cannot fit, and are not drawn to find that out
 ), total AS MATERIALIZED (
    SELECT count(*) AS found, count(*) FILTER (WHERE "_speck") AS specks FROM found
 )
 SELECT {nth}, found, specks, CASE WHEN found <= {most} THEN
    (SELECT coalesce(ST_AsMVT(t, {name}, 4096, 'geom', 'id' ORDER BY t.id), ''::bytea)
     FROM (SELECT f.id, {names} ST_AsMVTGeom({geometry}, tile.envelope, 4096, 64, true) AS geom
           FROM tile CROSS JOIN found f
           WHERE NOT f."_speck") t){labels} END
 FROM total)
