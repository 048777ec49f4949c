-- What is known of these bytes when they were sent before.
SELECT meta
FROM bando.media
WHERE sha256 = $1
