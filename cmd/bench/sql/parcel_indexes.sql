-- Which indexes of the parcels can be dropped and made again?
SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'layer.parcels'::regclass AND NOT i.indisprimary
ORDER BY c.relname
