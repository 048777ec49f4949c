-- The newest revision whose entries were given up, 0 while there is none.
SELECT coalesce((SELECT revision - 1 FROM bando.log ORDER BY revision LIMIT 1), 0)
