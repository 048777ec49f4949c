DELETE FROM bando.identity WHERE account = $1
