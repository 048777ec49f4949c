DELETE FROM bando.session WHERE account = $1 AND token_hash <> $2
