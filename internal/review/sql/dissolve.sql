-- The parts ($1, EWKB) made valid and joined into one MultiPolygon; null when nothing with an area is left.
SELECT ST_AsEWKB(ST_Multi(ST_CollectionExtract(ST_UnaryUnion(ST_Collect(ST_CollectionExtract(ST_MakeValid(ST_GeomFromEWKB(p.part)), 3))), 3)))
FROM unnest($1::bytea[]) AS p (part)
HAVING NOT ST_IsEmpty(ST_CollectionExtract(ST_UnaryUnion(ST_Collect(ST_CollectionExtract(ST_MakeValid(ST_GeomFromEWKB(p.part)), 3))), 3))
