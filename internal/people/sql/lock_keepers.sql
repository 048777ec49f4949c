-- Those of a role who can sign in, locked so that two changes at once do not each leave the other.
SELECT id FROM bando.account WHERE role = ANY($1) AND disabled_at IS NULL AND password_hash IS NOT NULL ORDER BY id FOR UPDATE
