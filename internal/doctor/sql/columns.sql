-- The columns of the layers' tables.
SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'layer'
