INSERT INTO bando.identity (issuer, subject, account, linked_at, last_at) VALUES ($1, $2, $3, $4, $4)
