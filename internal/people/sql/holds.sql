-- Does what somebody proved to be hold still: the account, its role, and the session or token?
SELECT EXISTS (
    SELECT FROM bando.account a
    WHERE a.id = $1 AND a.role = $2 AND a.disabled_at IS NULL AND (
        EXISTS (SELECT FROM bando.session s WHERE s.token_hash = $3 AND s.account = a.id AND s.expires_at > $4 AND s.last_seen > $5)
        OR EXISTS (SELECT FROM bando.token t WHERE t.token_hash = $3 AND t.account = a.id AND (t.expires_at IS NULL OR t.expires_at > $4))))
