DELETE FROM bando.session WHERE account = $1
