-- The newest revision at a moment, 0 before the first, and the newest one whose entries were given up. Revisions and their times
-- rise together.
SELECT coalesce((SELECT revision FROM bando.log WHERE at <= $1 ORDER BY revision DESC LIMIT 1), 0),
       coalesce((SELECT revision - 1 FROM bando.log ORDER BY revision LIMIT 1), 0)
