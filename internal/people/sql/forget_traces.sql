-- The log of accounts without the address and the details of one of them: what was done and when stays. The log takes no change, so
-- the lines are given up and written again as they were but for that.
WITH given_up AS (
    DELETE FROM bando.account_log
    WHERE (who = $1 OR whom = $1) AND (address IS NOT NULL OR detail <> '{}')
    RETURNING id, at, who, what, whom
)
INSERT INTO bando.account_log (id, at, who, what, whom) OVERRIDING SYSTEM VALUE
SELECT id, at, who, what, whom FROM given_up
