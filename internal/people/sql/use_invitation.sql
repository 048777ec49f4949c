DELETE FROM bando.invitation WHERE code_hash = $1 AND account = $2 AND expires_at > $3
