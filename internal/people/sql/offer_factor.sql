-- A new secret takes the place of one that was shown and never confirmed, not of one that counts.
INSERT INTO bando.second_factor AS f (account, secret) VALUES ($1, $2)
ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE f.confirmed_at IS NULL
