-- Which features came from the same place of the same source as the rows to come.
SELECT k.ord, f.id
FROM unnest($1::integer[], $2::text[], $3::text[]) AS k (ord, source, ref)
JOIN {table} f ON f.source = k.source AND f.source_ref = k.ref
UNION ALL
SELECT k.ord, f.id
FROM unnest($1::integer[], $2::text[], $3::text[]) AS k (ord, source, ref)
JOIN {table} f ON f.source IS NULL AND k.source IS NULL AND f.source_ref = k.ref
