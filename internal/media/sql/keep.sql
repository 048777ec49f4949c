INSERT INTO bando.media AS m (sha256, type, bytes, name, account, meta)
VALUES ($1, $2, $3, $4, $5, $6)
-- The same bytes are kept once; what an older bando found in them gives way to what this one finds. What was erased stays erased.
ON CONFLICT (sha256) DO UPDATE SET meta = CASE WHEN m.meta ? 'erased' THEN m.meta ELSE excluded.meta END, type = excluded.type
RETURNING id, sha256, type, bytes, name, account, created_at, meta
