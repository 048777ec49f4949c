DELETE FROM bando.recovery_code WHERE account = $1 AND code_hash = $2
