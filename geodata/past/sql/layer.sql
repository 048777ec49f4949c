(SELECT id, geom, revision, {columns} FROM {table} WHERE revision <= {revision}{rows}
 UNION ALL
 SELECT past.feature, CASE WHEN past.moved THEN past.geom ELSE now.geom END, coalesce(last.revision, 0), {values}
 FROM (
    -- What the features of newer entries were before the first of them. After a deletion the id may have come back: no
    -- entry beyond the first deletion tells of the feature that is looked for.
    SELECT e.feature, bool_or(e.op = 'delete') AS gone,
           (array_agg(e.before_geom ORDER BY e.revision, e.ordinal) FILTER (WHERE e.moved))[1] AS geom,
           coalesce(bool_or(e.moved), false) AS moved,
           (SELECT jsonb_object_agg(key, value)
            FROM unnest(array_agg(e.before ORDER BY e.revision DESC, e.ordinal DESC)) WITH ORDINALITY AS was (attributes, n), jsonb_each(attributes)) AS attributes
    FROM (
        SELECT e.*, op = 'delete' OR before_geom IS NOT NULL OR after_geom IS NOT NULL AS moved,
               count(*) FILTER (WHERE op = 'delete') OVER (PARTITION BY e.feature ORDER BY revision, ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS deleted_before
        FROM {entries}
    ) e
    WHERE e.deleted_before < 1 -- as "= 0" the planner would expect next to none
    GROUP BY e.feature
    HAVING (array_agg(e.op ORDER BY e.revision, e.ordinal))[1] <> 'create'
 ) past
 LEFT JOIN {table} now ON now.id = past.feature AND NOT past.gone
 CROSS JOIN LATERAL jsonb_populate_record(now, coalesce(past.attributes, '{}')) r
 LEFT JOIN LATERAL (
    SELECT revision FROM bando.log
    WHERE layer = {layer} AND feature = past.feature AND revision <= {revision} ORDER BY revision DESC LIMIT 1
 ) last ON true
 WHERE {still})
