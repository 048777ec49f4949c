-- The links of a feature's entries, the newest first; before the first entry of all there are zeros.
SELECT l.revision, l.ordinal, l.hash, coalesce(
    (SELECT p.hash FROM bando.log p WHERE (p.revision, p.ordinal) < (l.revision, l.ordinal) ORDER BY p.revision DESC, p.ordinal DESC LIMIT 1),
    decode(repeat('00', 32), 'hex'))
FROM bando.log l
WHERE l.layer = $1 AND l.feature = $2
ORDER BY l.revision DESC, l.ordinal DESC
