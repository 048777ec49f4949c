SELECT id, name, type, bytes, created_at FROM bando.media WHERE account = $1 ORDER BY id
