-- Points further than 100 m from the facility that they serve, with no note that says why.
WITH {staged}
SELECT s.ord, NULL::integer, f.name, d.metres, ST_X(s.geom), ST_Y(s.geom)
FROM staged s
JOIN layer.facilities f ON f.id = (s.props ->> 'facility_id')::bigint
CROSS JOIN LATERAL (SELECT ST_Distance(s.geom_m, ST_Transform(f.geom, 9205)) AS metres) d
WHERE s.ord = ANY ({ords}) AND d.metres > 100 AND coalesce(s.props ->> 'note', '') = ''
ORDER BY s.ord
