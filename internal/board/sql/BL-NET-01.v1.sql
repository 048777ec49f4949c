-- One row a point that has not been retired. Alive: seen within 30 days, or started within 30 days as the log says.
SELECT p.id, coalesce(p.name, p.code, '#' || p.id) AS name,
       CASE WHEN p.state = 'operating' AND NOT s.alive THEN 'silent' ELSE p.state END AS state,
       CASE WHEN p.state <> 'operating' THEN 'open'
            WHEN s.alive THEN 'done'
            ELSE 'unknown' END AS standing,
       true AS public
FROM layer.internet_points p
CROSS JOIN LATERAL (
    SELECT coalesce(p.last_seen > $1::timestamptz - interval '30 days', false)
        OR EXISTS (
            SELECT FROM bando.log l
            WHERE l.layer = 'internet_points' AND l.feature = p.id
              AND l.after ->> 'state' = 'operating' AND l.at > $1::timestamptz - interval '30 days') AS alive
) s
WHERE p.state <> 'retired'
ORDER BY bando.fold(p.name), p.id
