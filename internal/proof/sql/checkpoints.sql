-- The signed checkpoints that the database keeps.
SELECT note FROM bando.checkpoint ORDER BY revision
