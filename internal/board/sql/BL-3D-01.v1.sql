-- One row a recognised site.
SELECT t.id, coalesce(t.name, t.code, '#' || t.id) AS name, t.model_state AS state,
       CASE WHEN t.model_state = 'published' THEN 'done' ELSE 'open' END AS standing,
       t.published AS public
FROM layer.tourism_sites t
WHERE t.recognition = 'recognised' AND $1::timestamptz IS NOT NULL -- counted as it is now
ORDER BY bando.fold(t.name), t.id
