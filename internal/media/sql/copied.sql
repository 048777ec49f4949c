-- The copies of a picture, in place of the one that an older bando made by leaving segments out.
UPDATE bando.media
SET meta = meta - 'public' || $2::jsonb
WHERE id = $1 AND NOT meta ? 'erased'
