-- The revision that the log gave this transaction; null when it changed nothing.
SELECT nullif(current_setting('bando.revision', true), '')::bigint
