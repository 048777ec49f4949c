-- Says which revision this transaction takes back, and whether it takes all of it back. Nothing where nothing was changed.
INSERT INTO bando.reversal (revision, of, complete)
SELECT r.revision, $1, $2
FROM (SELECT nullif(current_setting('bando.revision', true), '')::bigint AS revision) r
WHERE r.revision IS NOT NULL
