DELETE FROM bando.identity WHERE account = $1 AND id = $2 RETURNING issuer, subject
