-- An attempt that was no failure is not counted.
UPDATE bando.sign_in_pace
SET tries = greatest(tries - 1, 0), until = least(until, $2)
WHERE key = ANY(ARRAY(SELECT key FROM bando.sign_in_pace WHERE key = ANY($1) ORDER BY key FOR UPDATE))
