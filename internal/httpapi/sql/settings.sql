-- What is known about the commune, as one object: what the settings say, and where they say nothing its own boundary.
SELECT coalesce((
    SELECT jsonb_build_object(
        'title', jsonb_build_object('vi', u.name, 'en', coalesce(u.name_en, u.name)),
        'bounds', jsonb_build_array(ST_XMin(u.geom), ST_YMin(u.geom), ST_XMax(u.geom), ST_YMax(u.geom)))
    FROM layer.admin_units u
    WHERE u.level = 'commune' AND u.valid_to IS NULL
      AND u.code = coalesce((SELECT value #>> '{}' FROM bando.setting WHERE key = 'commune'), '03390')
    ORDER BY u.id LIMIT 1), '{}')
|| coalesce((
    SELECT jsonb_object_agg(key, value) FROM bando.setting
    WHERE key IN ('demo', 'title', 'notice', 'center', 'zoom', 'bounds')), '{}')
