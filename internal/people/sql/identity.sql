SELECT account FROM bando.identity WHERE issuer = $1 AND subject = $2
