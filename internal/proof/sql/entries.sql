-- What the log has after an entry, in its order, each value as its line writes it.
SELECT revision, ordinal, (extract(epoch FROM at) * 1000000)::bigint, layer, feature, op, before::text, after::text,
       ST_AsEWKB(before_geom, 'NDR'), ST_AsEWKB(after_geom, 'NDR'), squares, who, account, role, via, why, evidence::text, salt::text, hash
FROM bando.log
WHERE (revision, ordinal) > ($1, $2)
ORDER BY revision, ordinal
