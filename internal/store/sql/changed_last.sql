-- Of each feature the last entry in a span that tells the reader something, and how many there are.
SELECT DISTINCT ON (e.feature) e.feature, e.revision, e.at, e.who, coalesce(e.role, '') AS role, coalesce(e.why, '') AS why,
       count(*) OVER (PARTITION BY e.feature) AS edits
FROM unnest({ids}::bigint[]) AS wanted(feature)
CROSS JOIN LATERAL (SELECT * FROM bando.log WHERE layer = {layer} AND feature = wanted.feature AND revision > {since} AND revision <= {until} OFFSET 0) e
WHERE {seen}
ORDER BY e.feature, e.revision DESC, e.ordinal DESC
