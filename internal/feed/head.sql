-- Which is the newest revision?
SELECT revision FROM bando.head
