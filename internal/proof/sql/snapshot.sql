-- The name by which another connection sees the same moment.
SELECT pg_export_snapshot()
