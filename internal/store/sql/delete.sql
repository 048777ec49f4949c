-- Deletes the staged features.
WITH {staged}
DELETE FROM {table} t USING staged s WHERE s.op = 'delete' AND t.id = s.id
