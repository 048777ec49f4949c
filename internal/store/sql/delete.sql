-- Deletes the staged features.
DELETE FROM {table} t USING pg_temp.bando_staged s WHERE s.op = 'delete' AND t.id = s.id
