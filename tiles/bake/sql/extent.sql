SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(f.geom) AS e FROM {table} f WHERE {seen}) b
