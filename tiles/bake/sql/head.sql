SELECT h.revision, coalesce((SELECT l.at FROM bando.log l WHERE l.revision = h.revision ORDER BY l.ordinal LIMIT 1), 'epoch') FROM bando.head h
