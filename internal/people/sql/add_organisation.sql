INSERT INTO bando.organisation (code, title, kind, operator) VALUES ($1, $2, $3, $4)
