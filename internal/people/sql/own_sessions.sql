-- The live sessions of an account; a part of the hash names one without being of use to anybody.
SELECT encode(substring(token_hash FOR 8), 'hex') AS id, agent, created_at, last_seen, expires_at, token_hash = $2 AS current
FROM bando.session
WHERE account = $1 AND expires_at > $3 AND last_seen > $4
ORDER BY last_seen DESC, created_at DESC
