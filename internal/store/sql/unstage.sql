-- Takes back rows that a rule refused.
DELETE FROM pg_temp.bando_staged WHERE ord = ANY ($1)
