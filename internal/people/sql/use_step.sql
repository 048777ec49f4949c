-- A code is taken once: of two that come at once the second finds its step taken.
UPDATE bando.second_factor SET last_step = $2 WHERE account = $1 AND last_step < $2 AND confirmed_at IS NOT NULL
