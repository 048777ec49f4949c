-- What revision $1 did, feature by feature, what it did last first: the entries of up to $3 features whose last entry stands before
-- the ordinal $2. Of the features $4 (layers) and $5 (ids) alone, where they are named.
-- Entries are fetched by their key, so that a page costs the same however large the revision is and whatever the statistics say.
WITH done AS MATERIALIZED (
    SELECT max(e.ordinal) AS last, array_agg(e.ordinal) AS ordinals
    FROM bando.log e
    WHERE e.revision = $1
      AND ($4::text[] IS NULL OR (e.layer, e.feature) IN (SELECT n.layer, n.feature FROM unnest($4::text[], $5::bigint[]) n (layer, feature)))
    GROUP BY e.layer, e.feature
    HAVING max(e.ordinal) < $2
    ORDER BY last DESC
    LIMIT $3
)
SELECT d.last, e.layer, e.feature, e.op, coalesce(e.before, '{}'), coalesce(e.after, '{}'), ST_AsEWKB(e.before_geom), ST_AsEWKB(e.after_geom)
FROM done d CROSS JOIN LATERAL unnest(d.ordinals) o (ordinal) JOIN bando.log e ON e.revision = $1 AND e.ordinal = o.ordinal
ORDER BY d.last DESC, e.ordinal
