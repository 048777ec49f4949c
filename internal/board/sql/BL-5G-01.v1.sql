-- One row a hamlet. What was verified shows its result; the rest shows how far its mark has come.
SELECT h.id, coalesce(h.name, h.code, '#' || h.id) AS name,
       CASE WHEN h.coverage_5g = 'verified' THEN coalesce(h.coverage_5g_result, 'verified') ELSE h.coverage_5g END AS state,
       CASE WHEN h.coverage_5g = 'verified' AND h.coverage_5g_result = 'covered' THEN 'done'
            WHEN h.coverage_5g = 'unknown' THEN 'unknown'
            ELSE 'open' END AS standing,
       true AS public
FROM layer.hamlets h
WHERE $1::timestamptz IS NOT NULL -- counted as it is now
ORDER BY bando.fold(h.name), h.id
