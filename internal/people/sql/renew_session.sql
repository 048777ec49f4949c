UPDATE bando.session SET last_seen = greatest(last_seen, $2) WHERE token_hash = $1
