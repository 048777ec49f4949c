-- Which revisions take these back, or are taken back by them, where both tell the reader something.
SELECT v.revision, v.of FROM bando.reversal v
WHERE (v.revision = ANY ({revisions}::bigint[]) OR v.of = ANY ({revisions}::bigint[]))
  AND EXISTS (SELECT FROM bando.log e WHERE e.revision = v.revision AND e.layer = ANY ({layers}::text[]) AND {seen})
  AND EXISTS (SELECT FROM bando.log e WHERE e.revision = v.of AND e.layer = ANY ({layers}::text[]) AND {seen})
ORDER BY v.revision
