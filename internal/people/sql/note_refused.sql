-- Somebody whom a provider vouches for was not let in; if the identity is an account's, it tells whose.
INSERT INTO bando.account_log (who, what, whom, address, detail)
VALUES ('', $1, (SELECT a.name FROM bando.identity i JOIN bando.account a ON a.id = i.account WHERE i.issuer = $2 AND i.subject = $3), $4,
    jsonb_build_object('issuer', $2::text, 'subject', $3::text, 'code', $5::text))
