-- The area in the plane of the cadastre (EPSG:9205), m².
UPDATE pg_temp.bando_staged SET props = props || jsonb_build_object('measured_area_m2', round(ST_Area(geom_m)::numeric, 2))
WHERE ord = ANY ($1)
