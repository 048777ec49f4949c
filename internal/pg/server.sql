-- What kind of server and database is this, and what may we do in it?
SELECT current_setting('server_version_num')::int AS version_num,
       current_database()::text AS database,
       current_user::text AS role,
       current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() AS in_recovery,
       has_database_privilege(current_database(), 'CREATE') AS may_create,
       (SELECT count(*) = 2 FROM pg_namespace WHERE nspname IN ('layer', 'bando')) AS has_schemas
