-- The kept files: all of them, or some by chance. What was erased has no bytes.
SELECT id, encode(sha256, 'hex') AS sha256, ARRAY(SELECT DISTINCT jsonb_path_query(meta, 'lax $.**.sha256') #>> '{}') AS copies
FROM bando.media
WHERE NOT meta ? 'erased'
ORDER BY CASE WHEN $1::boolean THEN id ELSE (hashint8(id + $2::bigint))::bigint END
LIMIT CASE WHEN $1::boolean THEN NULL ELSE 50 END
