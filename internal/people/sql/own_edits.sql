SELECT count(*) AS edits, min(at) AS first, max(at) AS last FROM bando.log WHERE account = $1
