-- The newest invitation ends the one before.
INSERT INTO bando.invitation (account, code_hash, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (account) DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at
