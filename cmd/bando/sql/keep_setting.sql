-- Keeps one fact about the installation.
INSERT INTO bando.setting (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
