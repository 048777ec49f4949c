-- What features are called.
SELECT f.id, f.name FROM {table} f WHERE f.id = ANY ({ids}) AND f.name IS NOT NULL AND {rows}
