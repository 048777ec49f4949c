-- Forgets the keys whose time is over.
DELETE FROM bando.once WHERE at < now() - $1::interval
