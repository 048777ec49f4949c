-- Writes the staged changes of features that are there.
WITH {staged}
UPDATE {table} t SET geom = CASE WHEN s.moved THEN s.geom ELSE t.geom END, {assign}
FROM staged s CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, s.props) r
WHERE s.op = 'update' AND t.id = s.id
