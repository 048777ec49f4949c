SELECT a.id, a.name, a.title, a.role, a.operator, a.hamlet_id, a.demo,
    EXISTS (SELECT FROM bando.second_factor f WHERE f.account = a.id AND f.confirmed_at IS NOT NULL) AS second_factor,
    s.csrf, s.created_at, s.expires_at, s.last_seen, s.factor
FROM bando.session s
JOIN bando.account a ON a.id = s.account
WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen > $3 AND a.disabled_at IS NULL
    AND s.created_at < $4 -- a clock that was put back since would let it live on
