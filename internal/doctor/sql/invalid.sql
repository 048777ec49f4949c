-- Features whose geometry is not valid.
SELECT id FROM {table} WHERE geom IS NOT NULL AND NOT ST_IsValid(geom) ORDER BY id LIMIT 1000
