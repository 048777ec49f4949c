UPDATE bando.identity SET last_at = $3 WHERE issuer = $1 AND subject = $2 RETURNING account
