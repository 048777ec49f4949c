-- The parts ($1, EWKB) that are not valid, with the reason and the place.
SELECT NULL::double precision AS area_m2, ST_X(d.location) AS lon, ST_Y(d.location) AS lat, d.reason::text
FROM unnest($1::bytea[]) WITH ORDINALITY AS p (part, n)
CROSS JOIN LATERAL ST_IsValidDetail(ST_GeomFromEWKB(p.part)) d
WHERE NOT d.valid
ORDER BY p.n
