-- Which is the newest revision, if the log has nothing after an entry?
SELECT revision FROM bando.head
WHERE NOT EXISTS (SELECT FROM bando.log WHERE (revision, ordinal) > ($1, $2))
