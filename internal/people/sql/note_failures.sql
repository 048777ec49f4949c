INSERT INTO bando.account_log (who, what, whom, address)
VALUES ('', $1, (SELECT name FROM bando.account WHERE lower(name) = lower($2)), $3)
