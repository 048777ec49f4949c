INSERT INTO bando.token (account, token_hash, title, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)
