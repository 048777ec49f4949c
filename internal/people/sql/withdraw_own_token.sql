DELETE FROM bando.token WHERE account = $1 AND id = $2
