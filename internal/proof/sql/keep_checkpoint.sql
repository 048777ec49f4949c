-- Keeps a signed checkpoint; the same one again changes nothing.
INSERT INTO bando.checkpoint (revision, hash, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
