-- What became of the write that has the key.
SELECT request, revision, result FROM bando.once WHERE account = $1 AND key = $2
