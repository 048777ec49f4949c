
    || (SELECT coalesce(ST_AsMVT(t, {label}, 4096, 'geom', 'id' ORDER BY t.id), ''::bytea)
     FROM (SELECT f.id, {label_names} ST_AsMVTGeom(at.anchor, tile.envelope, 4096, 0, true) AS geom
           FROM tile CROSS JOIN found f
           CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(f.geom), 3857) AS anchor OFFSET 0) at
           WHERE {labelled}
             AND ST_X(at.anchor) >= ST_XMin(tile.envelope) AND ST_X(at.anchor) < ST_XMax(tile.envelope)
             AND ST_Y(at.anchor) > ST_YMin(tile.envelope) AND ST_Y(at.anchor) <= ST_YMax(tile.envelope)) t)
