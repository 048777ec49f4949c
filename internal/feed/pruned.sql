-- Which is the newest revision, if the log has nothing after an entry? The newest entry is looked up and held against it: asked
-- whether any is newer, PostgreSQL may read the whole log to find none.
SELECT h.revision FROM bando.head h
WHERE NOT EXISTS (
    SELECT FROM (SELECT revision, ordinal FROM bando.log ORDER BY revision DESC, ordinal DESC LIMIT 1) newest
    WHERE (newest.revision, newest.ordinal) > ($1, $2))
