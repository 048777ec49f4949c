-- How many entries each revision has of each layer and operation, and the block of zoom 24 tiles in which they lie.
SELECT e.revision, e.layer, e.op, count(*) AS n, min({west}) AS west, min({north}) AS north, max({east}) AS east, max({south}) AS south
FROM bando.log e
WHERE e.revision = ANY ({revisions}::bigint[]) AND e.layer = ANY ({layers}::text[]) AND {seen}
GROUP BY e.revision, e.layer, e.op
