-- Staged geometry that is not valid, why and where.
WITH {staged}
SELECT s.ord, coalesce(d.reason, 'not valid'), ST_X(d.location), ST_Y(d.location)
FROM staged s CROSS JOIN LATERAL ST_IsValidDetail(s.geom) d
WHERE s.moved AND s.geom IS NOT NULL AND NOT d.valid
ORDER BY s.ord
