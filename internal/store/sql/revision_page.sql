-- The newest revisions below a bound that tell the reader something, each found behind the one before it by the index of layers.
WITH RECURSIVE page AS (
    SELECT {below}::bigint AS revision, 0 AS n
    UNION ALL
    SELECT (
        SELECT max(x.revision) FROM unnest({layers}::text[]) AS one(layer) CROSS JOIN LATERAL (
            SELECT e.revision FROM bando.log e
            WHERE e.layer = one.layer AND e.revision < p.revision AND e.revision > {since} AND {seen}
            ORDER BY e.revision DESC, e.ordinal DESC LIMIT 1
        ) x
    ), p.n + 1
    FROM page p WHERE p.revision IS NOT NULL
)
SELECT revision FROM page WHERE n > 0 AND revision IS NOT NULL LIMIT {limit}
