-- Counts an attempt under each of its keys before it is looked at, so that many at once are counted like one after the other. A key
-- that must wait gives no row. Only a wait moves "until": of two at once, the second to be counted may have the earlier moment.
INSERT INTO bando.sign_in_pace AS p (key, tries, last, until)
SELECT key, 1, $4, $5
FROM unnest($1::bytea[]) AS key
ORDER BY key -- all attempts lock in one order
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN p.last < $5 THEN 1 ELSE p.tries + 1 END,
    last = greatest(p.last, $4),
    until = CASE WHEN p.last >= $5 AND p.tries + 1 >= ($2::int[])[array_position($1::bytea[], p.key)]
        THEN $4::timestamptz + interval '1 second' * least(
            ($3::float8[])[array_position($1::bytea[], p.key)],
            2.0 ^ least(p.tries + 1 - ($2::int[])[array_position($1::bytea[], p.key)], 30))
        ELSE p.until END
-- A wait longer than any was set by a clock that has been put back since.
WHERE p.until <= $4 OR p.until > $4::timestamptz + interval '1 second' * ($3::float8[])[array_position($1::bytea[], p.key)]
RETURNING key, tries
