-- Which revision does this snapshot show?
SELECT coalesce((SELECT revision FROM bando.head), 0) AS revision
