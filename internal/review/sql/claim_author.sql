-- Who made the claim: the last entry of the feature ($1 layer, $2 id) before the revision $6 that set one of the attributes $3, or the
-- attribute $4 to one of the states $5. What takes a revision back claims nothing of its own: the claim is then what stood before
-- the revision that was taken back.
WITH RECURSIVE claim AS (
    SELECT e.account, e.who, v.of
    FROM (
        SELECT l.account, l.who, l.revision
        FROM bando.log l
        WHERE l.layer = $1 AND l.feature = $2 AND l.op <> 'delete' AND l.revision < $6
          AND (l.after ?| $3::text[] OR l.after ->> $4::text = ANY ($5::text[]))
        ORDER BY l.revision DESC, l.ordinal DESC
        LIMIT 1
    ) e LEFT JOIN bando.reversal v ON v.revision = e.revision
    UNION ALL
    SELECT e.account, e.who, v.of
    FROM claim c CROSS JOIN LATERAL (
        SELECT l.account, l.who, l.revision
        FROM bando.log l
        WHERE l.layer = $1 AND l.feature = $2 AND l.op <> 'delete' AND l.revision < c.of
          AND (l.after ?| $3::text[] OR l.after ->> $4::text = ANY ($5::text[]))
        ORDER BY l.revision DESC, l.ordinal DESC
        LIMIT 1
    ) e LEFT JOIN bando.reversal v ON v.revision = e.revision
)
SELECT account, who FROM claim WHERE of IS NULL
