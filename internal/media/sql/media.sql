SELECT id, sha256, type, bytes, name, account, created_at, meta
FROM bando.media
WHERE id = $1
