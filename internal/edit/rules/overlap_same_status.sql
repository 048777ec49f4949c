-- Hamlets that share more than 1 m² with another whose boundary is as certain as theirs.
WITH {staged}
SELECT m.ord, m.other, m.name, ST_Area(i.part), ST_X(p.at), ST_Y(p.at)
FROM (
    SELECT s.ord, NULL::integer AS other, t.name, s.geom_m AS a, ST_Transform(t.geom, 9205) AS b
    FROM staged s
    JOIN layer.hamlets t ON ST_Intersects(t.geom, s.geom) AND t.boundary_status = s.props ->> 'boundary_status'
    WHERE s.ord = ANY ({ords}) AND NOT EXISTS (SELECT FROM staged o WHERE o.id = t.id)
    UNION ALL
    SELECT s.ord, o.ord, o.props ->> 'name', s.geom_m, o.geom_m
    FROM staged s
    JOIN staged o ON o.ord < s.ord AND ST_Intersects(o.geom, s.geom)
        AND o.props ->> 'boundary_status' = s.props ->> 'boundary_status'
    WHERE s.ord = ANY ({ords}) OR o.ord = ANY ({ords})
) m
CROSS JOIN LATERAL (SELECT ST_Intersection(m.a, m.b) AS part OFFSET 0) i
CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(i.part), 4326) AS at OFFSET 0) p
WHERE ST_Area(i.part) > 1
ORDER BY m.ord, m.other
