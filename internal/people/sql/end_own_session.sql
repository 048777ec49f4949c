DELETE FROM bando.session WHERE account = $1 AND encode(substring(token_hash FOR 8), 'hex') = $2
