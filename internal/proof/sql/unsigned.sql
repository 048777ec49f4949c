-- Has the log moved since its last checkpoint?
SELECT h.revision > coalesce((SELECT max(c.revision) FROM bando.checkpoint c), 0) FROM bando.head h
