-- Parcels that share more than 0.01 m² with another. Neighbours that only touch are told apart by their interiors,
-- which is far cheaper than cutting them with each other.
SELECT m.ord, m.other, m.name, ST_Area(i.part), ST_X(p.at), ST_Y(p.at)
FROM (
    SELECT s.ord, NULL::integer AS other, coalesce(t.code, t.sheet || '/' || t.number) AS name, s.geom_m AS a, ST_Transform(t.geom, 9205) AS b
    FROM pg_temp.bando_staged s
    JOIN layer.parcels t ON t.geom && s.geom AND ST_Relate(t.geom, s.geom, 'T********')
    WHERE s.ord = ANY ($1) AND NOT EXISTS (SELECT FROM pg_temp.bando_staged o WHERE o.id = t.id)
    UNION ALL
    SELECT s.ord, o.ord, coalesce(o.props ->> 'code', (o.props ->> 'sheet') || '/' || (o.props ->> 'number')), s.geom_m, o.geom_m
    FROM pg_temp.bando_staged s
    JOIN pg_temp.bando_staged o ON o.ord < s.ord AND o.geom && s.geom AND ST_Relate(o.geom, s.geom, 'T********')
    WHERE s.ord = ANY ($1) OR o.ord = ANY ($1)
) m
CROSS JOIN LATERAL (SELECT ST_Intersection(m.a, m.b) AS part OFFSET 0) i
CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(i.part), 4326) AS at OFFSET 0) p
WHERE ST_Area(i.part) > 0.01
ORDER BY m.ord, m.other
