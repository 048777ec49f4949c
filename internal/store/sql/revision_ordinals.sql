-- A page of a revision's entries, by their places in it.
SELECT e.layer, e.ordinal FROM bando.log e
WHERE e.revision = {revision} AND e.ordinal > {after} AND e.layer = ANY ({layers}::text[]) AND {seen}
ORDER BY e.ordinal LIMIT {limit}
