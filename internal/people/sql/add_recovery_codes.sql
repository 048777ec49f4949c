INSERT INTO bando.recovery_code (account, code_hash) SELECT $1, unnest($2::bytea[])
