-- Features farther than 5 km from the commune, which at this latitude is some 0.05 degrees.
SELECT f.id FROM {table} f, (
    SELECT ST_Expand(ST_Envelope(ST_Collect(u.geom)), 0.05) AS near, ST_Buffer(ST_Simplify(ST_Collect(u.geom), 0.001), 0.05) AS around
    FROM layer.admin_units u, bando.setting s WHERE s.key = 'commune' AND u.code = s.value #>> '{}' AND u.level = 'commune') c
WHERE f.geom IS NOT NULL AND NOT (f.geom && c.near AND ST_Intersects(f.geom, c.around))
ORDER BY f.id LIMIT 1000
