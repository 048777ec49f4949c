-- Units of one level, valid at one time, that share more than a hundredth of the smaller one. Boundaries come from
-- sources of different generalisation, whose slivers along a border are no contradiction.
WITH {staged}
SELECT m.ord, m.other, m.name, ST_Area(i.part) / m.smaller, ST_X(p.at), ST_Y(p.at)
FROM (
    SELECT s.ord, NULL::integer AS other, t.name, s.geom AS a, t.geom AS b, least(ST_Area(s.geom), ST_Area(t.geom)) AS smaller
    FROM staged s
    JOIN layer.admin_units t ON ST_Intersects(t.geom, s.geom) AND t.level = s.props ->> 'level'
        AND daterange(t.valid_from, t.valid_to) && daterange((s.props ->> 'valid_from')::date, (s.props ->> 'valid_to')::date)
    WHERE s.ord = ANY ({ords}) AND NOT EXISTS (SELECT FROM staged o WHERE o.id = t.id)
    UNION ALL
    SELECT s.ord, o.ord, o.props ->> 'name', s.geom, o.geom, least(ST_Area(s.geom), ST_Area(o.geom))
    FROM staged s
    JOIN staged o ON o.ord < s.ord AND ST_Intersects(o.geom, s.geom) AND o.props ->> 'level' = s.props ->> 'level'
        AND daterange((o.props ->> 'valid_from')::date, (o.props ->> 'valid_to')::date)
         && daterange((s.props ->> 'valid_from')::date, (s.props ->> 'valid_to')::date)
    WHERE s.ord = ANY ({ords}) OR o.ord = ANY ({ords})
) m
CROSS JOIN LATERAL (SELECT ST_Intersection(m.a, m.b) AS part OFFSET 0) i
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(i.part) AS at OFFSET 0) p
WHERE m.smaller > 0 AND ST_Area(i.part) > 0.01 * m.smaller
ORDER BY m.ord, m.other
