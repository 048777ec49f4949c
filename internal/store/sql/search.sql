-- The best of the hits: as it was typed, diacritics and all, before what only sounds alike; whole before begun before inside.
SELECT h.layer, h.id, coalesce(h.name, ''), coalesce(h.code, ''), h.hamlet_id,
       ST_X(p.at), ST_Y(p.at), ST_XMin(h.geom), ST_YMin(h.geom), ST_XMax(h.geom), ST_YMax(h.geom)
FROM ({hits}) h
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(h.geom) AS at) p
ORDER BY CASE
    WHEN lower(h.name) = lower({q}) OR lower(h.code) = lower({q}) THEN 0
    WHEN starts_with(lower(h.name), lower({q})) THEN 1
    WHEN strpos(lower(h.name), lower({q})) > 0 THEN 2
    WHEN bando.fold(h.name) = bando.fold({q}) THEN 3
    WHEN starts_with(bando.fold(h.name), bando.fold({q})) OR starts_with(bando.fold(h.code), bando.fold({q})) THEN 4
    ELSE 5 END,
  char_length(h.name), array_position({order}::text[], h.layer), h.name, h.id
LIMIT {limit}
