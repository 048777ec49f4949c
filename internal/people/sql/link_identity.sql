INSERT INTO bando.identity (issuer, subject, account, linked_at) VALUES ($1, $2, $3, $4)
