-- The newest checkpoints: those of other servers on this database are among them.
SELECT note FROM bando.checkpoint ORDER BY revision DESC LIMIT 32
