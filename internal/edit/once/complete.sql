-- Completes the key with what became of its write, in the revision that the log has just given.
UPDATE bando.once SET revision = coalesce(nullif(current_setting('bando.revision', true), '')::bigint, 0), result = $3
WHERE account = $1 AND key = $2
