-- What the server is and how it keeps what it was given.
SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS full_page_writes, current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('server_encoding') AS encoding, (SELECT datcollate FROM pg_database WHERE datname = current_database())::text AS locale,
    current_setting('log_timezone') AS timezone,
    coalesce((SELECT extversion FROM pg_extension WHERE extname = 'postgis'), '') AS postgis,
    EXISTS (SELECT FROM pg_extension WHERE extname = 'unaccent') AS unaccent,
    to_regclass('bando.migration') IS NOT NULL AS migrated
