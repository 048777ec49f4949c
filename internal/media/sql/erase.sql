-- What is left of an erased file: that it was, its hash, and who erased it when and why.
UPDATE bando.media SET name = NULL, account = NULL, bytes = 0,
    meta = jsonb_build_object('erased', jsonb_build_object('at', $2::timestamptz, 'by', $3::text, 'reason', $4::text))
WHERE id = $1
