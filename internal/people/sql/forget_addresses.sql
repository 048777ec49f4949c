-- The log of accounts without addresses from before a moment.
WITH given_up AS (
    DELETE FROM bando.account_log WHERE at < $1 AND address IS NOT NULL
    RETURNING id, at, who, what, whom, detail
)
INSERT INTO bando.account_log (id, at, who, what, whom, detail) OVERRIDING SYSTEM VALUE
SELECT id, at, who, what, whom, detail FROM given_up
