DELETE FROM bando.sign_in_pace
WHERE key IN (SELECT key FROM bando.sign_in_pace WHERE last < $1 LIMIT 1000 FOR UPDATE SKIP LOCKED)
