SELECT id, name, title, role, operator, hamlet_id, demo, password_hash IS NOT NULL AS has_password, disabled_at, created_at
FROM bando.account
ORDER BY name
