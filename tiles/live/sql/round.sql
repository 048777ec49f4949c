(SELECT ST_Transform(ST_SetSRID(ST_MakePoint((floor(ST_X(p) / {width}) + 0.5) * {width}, (floor(ST_Y(p) / {width}) + 0.5) * {width}), 9205), 4326)
 FROM (SELECT ST_Transform(ST_Centroid(f.geom), 9205) AS p OFFSET 0) at)
