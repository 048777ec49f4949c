INSERT INTO bando.account_log (who, what, address, detail)
VALUES ($1, 'media_erased', $2, jsonb_build_object('media', $3::bigint, 'sha256', $4::text, 'reason', $5::text))
