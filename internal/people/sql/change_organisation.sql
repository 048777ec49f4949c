UPDATE bando.organisation SET title = coalesce($2, title), operator = coalesce($3, operator) WHERE code = $1 RETURNING code, title, kind, operator
