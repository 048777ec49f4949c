(SELECT coalesce(ST_AsMVT(t, {name}, 4096, 'geom', 'id' ORDER BY t.id), ''::bytea)
 FROM (SELECT f.id, {columns} ST_AsMVTGeom({geometry}, tile.envelope, 4096, 64, true) AS geom
       FROM tile CROSS JOIN {table} f
       WHERE f.geom && {reach}{where}) t)
