
            -- Where a feature was is where it is, unless it has moved since, or where it was before a move.
            SELECT id AS feature FROM {table} WHERE revision > {revision} AND {here}
            UNION
            SELECT feature FROM bando.log WHERE layer = {layer} AND revision > {revision} AND {there}
