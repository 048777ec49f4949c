-- The first features of each revision.
SELECT x.* FROM unnest({revisions}::bigint[]) AS r(revision) CROSS JOIN LATERAL (
    SELECT e.revision, e.layer, e.feature, e.op, coalesce({name}, '') AS name
    FROM bando.log e WHERE e.revision = r.revision AND e.layer = ANY ({layers}::text[]) AND {seen} ORDER BY e.ordinal LIMIT {few}
) x
ORDER BY x.revision
