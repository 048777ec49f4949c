-- How large are the tables, so that the small ones are loaded first?
SELECT c.relname AS layer, pg_table_size(c.oid) AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'layer' AND c.relkind IN ('r', 'p')
