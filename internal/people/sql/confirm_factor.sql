UPDATE bando.second_factor SET confirmed_at = $3, last_step = $2 WHERE account = $1 AND confirmed_at IS NULL AND secret = $4
