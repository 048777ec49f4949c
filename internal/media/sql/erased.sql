-- Was a file of these bytes erased?
SELECT EXISTS (SELECT FROM bando.media WHERE sha256 = $1 AND meta ? 'erased')
