SELECT id, name, title, role, operator, hamlet_id, demo, password_hash IS NOT NULL AS has_password, disabled_at, created_at, organisation,
    EXISTS (SELECT FROM bando.second_factor f WHERE f.account = account.id AND f.confirmed_at IS NOT NULL) AS second_factor
FROM bando.account
WHERE id = $1
FOR UPDATE
