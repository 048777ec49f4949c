-- The newest revision of the log.
SELECT revision FROM bando.head
