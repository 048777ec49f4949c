UPDATE bando.account
SET title = $2, role = $3, operator = $4, hamlet_id = $5, organisation = $6, disabled_at = CASE WHEN $7::boolean THEN coalesce(disabled_at, now()) END
WHERE id = $1
