-- How far shapes changed, as the reader sees them, in metres of EPSG:9205.
SELECT n, coalesce(ST_Dimension(m.after), ST_Dimension(m.before), -1) AS dimension,
       ST_Area(m.before) AS area_before, ST_Area(m.after) AS area_after, ST_Length(m.before) AS length_before, ST_Length(m.after) AS length_after,
       ST_Distance(ST_Centroid(m.before), ST_Centroid(m.after)) AS moved
FROM (
    SELECT n, ST_SetSRID(ST_GeomFromGeoJSON(b), 4326) AS before, ST_SetSRID(ST_GeomFromGeoJSON(a), 4326) AS after
    FROM unnest({before}::text[], {after}::text[]) WITH ORDINALITY AS pair(b, a, n)
) g
CROSS JOIN LATERAL (
    SELECT CASE WHEN g.before @ {zone} THEN ST_Transform(g.before, 9205) END AS before,
           CASE WHEN g.after @ {zone} THEN ST_Transform(g.after, 9205) END AS after
) m
