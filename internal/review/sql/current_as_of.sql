-- The date of the published edition of a group: operator $1, technology $2, environment $3, signal $4.
SELECT max(c.as_of)::text
FROM layer.coverage c
WHERE (c.operator, c.technology, c.environment) = ($1, $2, $3) AND c.min_signal_dbm IS NOT DISTINCT FROM $4::bigint
