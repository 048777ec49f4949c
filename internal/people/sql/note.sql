INSERT INTO bando.account_log (who, what, whom, address, detail) VALUES ($1, $2, $3, $4, $5)
