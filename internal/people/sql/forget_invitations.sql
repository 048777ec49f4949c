DELETE FROM bando.invitation WHERE expires_at <= $1
