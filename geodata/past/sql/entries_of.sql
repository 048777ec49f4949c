({features}) wanted
        -- Feature by feature, by the index: a join, planned before a new log was analysed, may be one of all with all.
        CROSS JOIN LATERAL (SELECT * FROM bando.log WHERE layer = {layer} AND feature = wanted.feature AND revision > {revision} OFFSET 0) e
