-- Who made each revision, when and why.
SELECT x.* FROM unnest({revisions}::bigint[]) AS r(revision) CROSS JOIN LATERAL (
    SELECT e.revision, e.at, e.who, coalesce(e.role, '') AS role, e.via, coalesce(e.why, '') AS why, coalesce(e.evidence, '[]') AS evidence
    FROM bando.log e WHERE e.revision = r.revision AND e.layer = ANY ({layers}::text[]) AND {seen} ORDER BY e.ordinal LIMIT 1
) x
