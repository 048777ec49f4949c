staged AS (
    SELECT r.ord, r.op, r.id, r.moved, g.geom,
           CASE WHEN {measured} AND g.geom && ST_MakeEnvelope(97, 3, 113, 28, 4326) THEN ST_Transform(g.geom, 9205) END AS geom_m,
           r.props::jsonb AS props
    FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::boolean[], $5::bytea[], $6::text[]) AS r (ord, op, id, moved, wkb, props)
    CROSS JOIN LATERAL (SELECT ST_GeomFromEWKB(r.wkb) AS geom OFFSET 0) g
)