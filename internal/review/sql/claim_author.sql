-- Who made the claim: the last entry of the feature ($1 layer, $2 id) that set one of the attributes $3, or, where a
-- state $5 is named, that set the attribute $4 to it.
SELECT l.account, l.who
FROM bando.log l
WHERE l.layer = $1 AND l.feature = $2 AND l.op <> 'delete'
  AND CASE WHEN $5::text IS NULL THEN l.after ?| $3::text[] ELSE l.after ->> $4::text = $5 END
ORDER BY l.revision DESC, l.ordinal DESC
LIMIT 1
