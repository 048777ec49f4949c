-- Makes the submission $1 the current edition of its group and answers the edition's number.
WITH claim AS (
    SELECT s.*
    FROM layer.coverage_submissions s
    WHERE s.id = $1
), edition AS (
    SELECT 1 + greatest(
        (SELECT coalesce(max(c.edition), 0) FROM layer.coverage c
         WHERE (c.operator, c.technology, c.environment) = (n.operator, n.technology, n.environment)
           AND c.min_signal_dbm IS NOT DISTINCT FROM n.min_signal_dbm),
        (SELECT coalesce(max(s.edition), 0) FROM layer.coverage_submissions s
         WHERE (s.operator, s.technology, s.environment) = (n.operator, n.technology, n.environment)
           AND s.min_signal_dbm IS NOT DISTINCT FROM n.min_signal_dbm AND s.id <> n.id)) AS number
    FROM claim n
), gone AS (
    DELETE FROM layer.coverage c USING claim n
    WHERE (c.operator, c.technology, c.environment) = (n.operator, n.technology, n.environment)
      AND c.min_signal_dbm IS NOT DISTINCT FROM n.min_signal_dbm
), superseded AS (
    UPDATE layer.coverage_submissions s SET state = 'superseded'
    FROM claim n
    WHERE (s.operator, s.technology, s.environment) = (n.operator, n.technology, n.environment)
      AND s.min_signal_dbm IS NOT DISTINCT FROM n.min_signal_dbm
      AND s.state = 'published' AND s.id <> n.id
), numbered AS (
    UPDATE layer.coverage_submissions s SET edition = e.number
    FROM edition e
    WHERE s.id = $1
)
INSERT INTO layer.coverage (code, name, geom, commune_code, source, operator, technology, environment, min_signal_dbm,
                            min_down_mbps, min_up_mbps, as_of, method, edition, submission_id)
SELECT n.code, n.name, n.geom, n.commune_code, n.source, n.operator, n.technology, n.environment, n.min_signal_dbm,
       n.min_down_mbps, n.min_up_mbps, n.as_of, n.method, e.number, n.id
FROM claim n CROSS JOIN edition e
RETURNING edition
