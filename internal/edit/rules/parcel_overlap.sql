-- Parcels that share more than 0.01 m² with another. Most neighbours only touch, so each parcel is first drawn towards
-- its centre by about a micrometre (1e-11 degrees): what then meets no other shares less than that along its sides, under
-- 0.01 m² for 10 km of them. That test is prepared once a parcel, and far cheaper than cutting every pair.
WITH {staged}, drawn AS MATERIALIZED (
    SELECT s.ord, s.geom_m, ST_Scale(s.geom, ST_Point(k.scale, k.scale), ST_Centroid(s.geom)) AS inner_geom
    FROM staged s
    CROSS JOIN LATERAL (
        SELECT 1 - 2e-11 / greatest(ST_XMax(s.geom) - ST_XMin(s.geom), ST_YMax(s.geom) - ST_YMin(s.geom), 1e-9) AS scale
    ) k
    WHERE s.ord = ANY ({ords})
)
SELECT m.ord, m.other, m.name, ST_Area(i.part), ST_X(p.at), ST_Y(p.at)
FROM (
    SELECT d.ord, NULL::integer AS other, coalesce(t.code, t.sheet || '/' || t.number) AS name, d.geom_m AS a, ST_Transform(t.geom, 9205) AS b
    FROM drawn d
    JOIN layer.parcels t ON ST_Intersects(d.inner_geom, t.geom)
    WHERE NOT EXISTS (SELECT FROM staged o WHERE o.id = t.id)
    UNION ALL
    SELECT greatest(d.ord, o.ord), least(d.ord, o.ord), coalesce(o.props ->> 'code', (o.props ->> 'sheet') || '/' || (o.props ->> 'number')), d.geom_m, o.geom_m
    FROM drawn d
    JOIN staged o ON ST_Intersects(d.inner_geom, o.geom) AND (o.ord < d.ord OR NOT o.ord = ANY ({ords}))
) m
CROSS JOIN LATERAL (SELECT ST_Intersection(m.a, m.b) AS part OFFSET 0) i
CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(i.part), 4326) AS at OFFSET 0) p
WHERE ST_Area(i.part) > 0.01
ORDER BY m.ord, m.other
