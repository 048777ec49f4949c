-- Many rows that are about to be written: one table a session, empty again after every transaction. The columns:
-- op is create, update or delete; id is null where the table gives one; moved says that the geometry is new; geom is in
-- EPSG:4326, and geom_m the same in metres (EPSG:9205) where the layer's rules measure and it lies near the zone; props
-- is every attribute.
CREATE TEMP TABLE IF NOT EXISTS bando_staged (
    ord    integer PRIMARY KEY,
    op     text NOT NULL,
    id     bigint,
    moved  boolean NOT NULL,
    geom   geometry,
    geom_m geometry,
    props  jsonb
) ON COMMIT DELETE ROWS
