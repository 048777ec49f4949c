-- How many features there are, and the box around them.
SELECT n, ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (SELECT count(*) AS n, ST_Extent({geometry}) AS box FROM {table} f WHERE {where}) seen
