-- The newest revision at a moment, 0 before the first. Revisions and their times rise together.
SELECT coalesce((SELECT revision FROM bando.log WHERE at <= $1 ORDER BY at DESC, revision DESC LIMIT 1), 0)
