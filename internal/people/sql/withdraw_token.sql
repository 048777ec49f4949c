DELETE FROM bando.token WHERE id = $1
