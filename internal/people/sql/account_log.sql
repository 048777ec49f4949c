SELECT id, at, who, what, whom, address, detail
FROM bando.account_log
WHERE ($1 = 0 OR id < $1) AND ($2 = '' OR whom = $2) AND ($4 = '' OR what = $4)
ORDER BY id DESC
LIMIT $3
