-- What the account log tells of one account, the oldest first.
SELECT id, at, who, what, whom, CASE WHEN who = $1 OR whom = $1 THEN address END AS address, detail
FROM bando.account_log WHERE who = $1 OR whom = $1 ORDER BY id LIMIT $2
