UPDATE bando.identity SET last_at = $4 WHERE issuer = $1 AND subject = $2 AND account = $3
