-- Features in the order of their ids, each as one GeoJSON text.
SELECT f.id, f.revision,
       '{"type":"Feature","id":' || f.id || ',"geometry":' || {geometry} || ',"properties":' || {properties} || '}'
FROM {table} f
WHERE {where}
ORDER BY f.id
LIMIT {limit}
