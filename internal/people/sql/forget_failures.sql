DELETE FROM bando.sign_in_pace WHERE key = $1
