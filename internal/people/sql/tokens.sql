SELECT t.id, a.name AS account, t.title, t.scopes, t.created_at, t.expires_at, t.last_used
FROM bando.token t
JOIN bando.account a ON a.id = t.account
WHERE $1 = '' OR a.name = $1
ORDER BY t.id DESC
