DELETE FROM bando.recovery_code WHERE account = $1
