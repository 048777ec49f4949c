-- Moves the table's sequence beyond ids that were given by hand.
SELECT setval(pg_get_serial_sequence({name}, 'id')::regclass, m.id)
FROM (SELECT max(id) AS id FROM {table}) m
WHERE m.id > (SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence({name}, 'id')::regclass), 0))
