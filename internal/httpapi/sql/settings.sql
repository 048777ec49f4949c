-- What the settings say about the commune, as one object.
SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM bando.setting
WHERE key IN ('demo', 'title', 'notice', 'center', 'zoom', 'bounds')
