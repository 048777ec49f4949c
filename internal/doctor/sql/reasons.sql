-- The reasons in the log.
SELECT revision, why FROM bando.log WHERE why IS NOT NULL AND ordinal = 1 ORDER BY revision
