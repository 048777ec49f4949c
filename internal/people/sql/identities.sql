SELECT id, issuer, subject, linked_at, last_at FROM bando.identity WHERE account = $1 ORDER BY id
