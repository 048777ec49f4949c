DELETE FROM bando.token t USING bando.account a WHERE t.id = $1 AND a.id = t.account RETURNING a.name, t.title
