INSERT INTO bando.setting (key, value) VALUES ('demo_accounts', $1)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
