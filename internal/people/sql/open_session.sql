INSERT INTO bando.session (token_hash, account, csrf, created_at, last_seen, expires_at, agent, factor)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7)
