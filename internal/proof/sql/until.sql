-- The newest entry before a moment.
SELECT revision, hash FROM bando.log WHERE at < $1 ORDER BY revision DESC, ordinal DESC LIMIT 1
