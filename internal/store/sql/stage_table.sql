-- The rows that are about to be written: one table a session, empty again after every transaction.
CREATE TEMP TABLE IF NOT EXISTS bando_staged (
    ord    integer PRIMARY KEY,
    op     text NOT NULL,     -- create, update or delete
    id     bigint,            -- null: the table gives one
    moved  boolean NOT NULL,  -- the geometry is new
    geom   geometry,          -- EPSG:4326
    geom_m geometry,          -- the same in metres (EPSG:9205), where the layer's rules measure and it lies near the zone
    props  jsonb              -- every attribute
) ON COMMIT DELETE ROWS
