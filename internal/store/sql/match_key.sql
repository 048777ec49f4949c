-- Which features have the keys of the rows to come.
SELECT k.ord, f.id
FROM unnest($1::integer[], $2::text[]) AS k (ord, props)
CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, k.props::jsonb) r
JOIN {table} f ON {same}
