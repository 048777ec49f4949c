-- One writer at a time where features are compared with each other; until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('bando.edit.' || $1, 0))
