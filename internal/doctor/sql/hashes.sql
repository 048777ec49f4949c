-- Every hash under which a file may lie.
SELECT encode(sha256, 'hex') FROM bando.media WHERE NOT meta ? 'erased'
UNION SELECT jsonb_path_query(meta, 'lax $.**.sha256') #>> '{}' FROM bando.media WHERE NOT meta ? 'erased'
