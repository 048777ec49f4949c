-- A table of the same columns as the layer of facilities, without its triggers and constraints.
DROP TABLE IF EXISTS bando.bare;
CREATE TABLE bando.bare (LIKE layer.facilities INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY)
