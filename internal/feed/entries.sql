-- What the log has after an entry, in order?
SELECT revision, ordinal, at, layer, feature, op, coalesce(squares, '{}') AS squares
FROM bando.log
WHERE (revision, ordinal) > ($1, $2)
ORDER BY revision, ordinal
LIMIT $3
