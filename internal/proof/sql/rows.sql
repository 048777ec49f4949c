-- The rows of a layer as they are.
SELECT f.id, f.revision, jsonb_strip_nulls(to_jsonb(a))::text, ST_AsEWKB(f.geom, 'NDR')
FROM {table} f, LATERAL (SELECT {columns}) a
ORDER BY f.id
