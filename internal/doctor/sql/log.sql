-- How new the log is, and since when it has entries that no checkpoint covers.
SELECT h.revision, h.at, (
    SELECT min(l.at) FROM bando.log l WHERE l.revision > coalesce((SELECT max(c.revision) FROM bando.checkpoint c), 0)) AS unsigned
FROM bando.head h
