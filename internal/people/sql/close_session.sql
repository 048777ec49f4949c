DELETE FROM bando.session WHERE token_hash = $1
