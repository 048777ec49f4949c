-- What is left of a forgotten account is its name, so that nobody else ever gets it.
UPDATE bando.account
SET title = NULL, role = $2, operator = NULL, hamlet_id = NULL, organisation = NULL, password_hash = NULL, disabled_at = coalesce(disabled_at, now())
WHERE id = $1
