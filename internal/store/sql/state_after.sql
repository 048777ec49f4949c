-- What an attribute was after the entry e: as the entry says, else as the next entry that changed it says, else as it is.
CASE WHEN e.op = 'create' OR e.after ? {name} THEN e.after ->> {name}
     WHEN e.op = 'update' THEN (
        SELECT v FROM (
            (SELECT 1 AS n, l.before ->> {name} AS v FROM bando.log l
             WHERE l.layer = e.layer AND l.feature = e.feature AND (l.revision, l.ordinal) > (e.revision, e.ordinal)
               AND (l.op = 'delete' OR l.before ? {name})
             ORDER BY l.revision, l.ordinal LIMIT 1)
            UNION ALL
            SELECT 2, x.{column}::text FROM {table} x WHERE x.id = e.feature
        ) s ORDER BY n LIMIT 1)
END
