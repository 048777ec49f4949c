-- What is worth a word about the accounts: what it is, and whose.
WITH seen AS (
    SELECT a.id, a.name, a.role, a.demo, a.created_at, a.password_hash IS NOT NULL AS password,
        EXISTS (SELECT FROM bando.second_factor f WHERE f.account = a.id AND f.confirmed_at IS NOT NULL) AS factor,
        greatest(a.created_at,
            (SELECT max(s.last_seen) FROM bando.session s WHERE s.account = a.id), (SELECT max(t.last_used) FROM bando.token t WHERE t.account = a.id),
            (SELECT max(l.at) FROM bando.account_log l WHERE l.who = a.name)) AS last
    FROM bando.account a WHERE a.disabled_at IS NULL
), demo AS (SELECT EXISTS (SELECT FROM bando.setting WHERE key = 'demo' AND value = 'true') AS yes)
SELECT 'factor_missing' AS code, name FROM seen, demo WHERE role = ANY($1) AND password AND NOT factor AND NOT (seen.demo AND demo.yes)
UNION ALL SELECT 'demo_account', name FROM seen, demo WHERE seen.demo AND NOT demo.yes
UNION ALL SELECT 'account_unused', name FROM seen, demo WHERE last < $2::timestamptz - interval '1 year' AND NOT demo.yes
UNION ALL SELECT 'invitation_open', a.name FROM bando.invitation i JOIN bando.account a ON a.id = i.account WHERE i.expires_at > $2
UNION ALL SELECT 'token_endless', a.name || ': ' || coalesce(t.title, '#' || t.id) FROM bando.token t JOIN seen a ON a.id = t.account WHERE t.expires_at IS NULL
UNION ALL SELECT 'token_unused', a.name || ': ' || coalesce(t.title, '#' || t.id) FROM bando.token t JOIN seen a ON a.id = t.account
    WHERE coalesce(t.last_used, t.created_at) < $2::timestamptz - interval '180 days' AND (t.expires_at IS NULL OR t.expires_at > $2)
ORDER BY 1, 2
