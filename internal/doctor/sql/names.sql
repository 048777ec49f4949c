-- How the senders called their files.
SELECT id, name FROM bando.media WHERE name IS NOT NULL ORDER BY id
