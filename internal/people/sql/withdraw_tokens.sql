DELETE FROM bando.token WHERE account = $1
