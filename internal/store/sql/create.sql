-- Writes the staged new features and tells the ids they got.
WITH {staged}, fresh AS MATERIALIZED (
    SELECT s.ord, coalesce(s.id, nextval((SELECT pg_get_serial_sequence({name}, 'id'))::regclass)) AS id, s.geom, s.props
    FROM staged s WHERE s.op = 'create' ORDER BY s.ord
), written AS (
    INSERT INTO {table} (id, geom, {columns})
    SELECT fresh.id, fresh.geom, {values}
    FROM fresh CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, fresh.props) r
    ORDER BY fresh.ord
)
SELECT ord, id FROM fresh
