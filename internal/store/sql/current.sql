-- Features as they are, for whoever is about to change them.
SELECT f.id, f.revision, ST_AsEWKB(f.geom), row_to_json((SELECT p FROM (SELECT {list}) p))
FROM {table} f
WHERE f.id = ANY ($1)
ORDER BY f.id
{lock}
