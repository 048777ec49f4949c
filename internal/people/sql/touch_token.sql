UPDATE bando.token SET last_used = $2 WHERE token_hash = $1
