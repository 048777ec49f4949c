-- The row of a new facility.
INSERT INTO bando.bare (kind, name, note, geom) VALUES ('other', 'Điểm đo', 'đo tải', ST_SetSRID(ST_Point($1, $2), 4326))
