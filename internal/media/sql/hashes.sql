-- The hashes under which the bytes of a file lie, its copies' too, that no other file shares.
SELECT h.hash FROM bando.media m, LATERAL (
    SELECT encode(m.sha256, 'hex') AS hash UNION SELECT jsonb_path_query(m.meta, 'lax $.**.sha256') #>> '{}') h
WHERE m.id = $1 AND NOT EXISTS (
    SELECT FROM bando.media o WHERE o.id <> m.id AND (encode(o.sha256, 'hex') = h.hash OR o.meta::text LIKE '%' || h.hash || '%'))
