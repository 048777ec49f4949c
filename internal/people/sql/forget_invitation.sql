DELETE FROM bando.invitation WHERE account = $1
