SELECT coalesce(max(until), '-infinity') FROM bando.sign_in_pace WHERE key = ANY($1)
