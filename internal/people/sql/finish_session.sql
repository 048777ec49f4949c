UPDATE bando.session SET factor = NULL WHERE token_hash = $1 AND factor = 'awaited'
