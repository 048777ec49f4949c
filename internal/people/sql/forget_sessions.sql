DELETE FROM bando.session WHERE expires_at <= $1 OR last_seen <= $2
