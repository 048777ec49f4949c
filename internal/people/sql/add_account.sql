INSERT INTO bando.account (name, title, role, password_hash, operator, hamlet_id, demo, organisation)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id, name, title, role, operator, hamlet_id, demo, password_hash IS NOT NULL AS has_password, disabled_at, created_at, organisation,
    EXISTS (SELECT FROM bando.second_factor f WHERE f.account = account.id AND f.confirmed_at IS NOT NULL) AS second_factor
