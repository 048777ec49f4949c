SELECT a.id, a.name, a.title, a.role, a.operator, a.hamlet_id, t.scopes, t.expires_at, t.last_used
FROM bando.token t
JOIN bando.account a ON a.id = t.account
WHERE t.token_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2) AND a.disabled_at IS NULL
