-- VN-2000 / TM-3 zones that PostGIS 3.3 does not have: EPSG:9205–9218 (EPSG dataset; k 0.9999, false easting 500,000 m).
-- The seven parameters are EPSG's "VN-2000 to WGS 84 (2)", given as position vector, so the rotations change sign.
INSERT INTO public.spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
SELECT zone.srid, 'EPSG', zone.srid,
    format('PROJCS["VN-2000 / TM-3 %s",GEOGCS["VN-2000",DATUM["Vietnam_2000",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6756"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4756"]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",%s],PARAMETER["scale_factor",0.9999],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","%s"]]',
        format('%s-%s', trunc(zone.meridian), to_char((zone.meridian - trunc(zone.meridian)) * 60, 'FM00')), trim_scale(zone.meridian), zone.srid),
    format('+proj=tmerc +lat_0=0 +lon_0=%s +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs', trim_scale(zone.meridian))
FROM (VALUES (9205, 103.00), (9206, 104.00), (9207, 104.50), (9208, 104.75), (9209, 105.50), (9210, 105.75), (9211, 106.00),
             (9212, 106.25), (9213, 106.50), (9214, 107.00), (9215, 107.25), (9216, 107.50), (9217, 108.25), (9218, 108.50)) AS zone (srid, meridian)
ON CONFLICT (srid) DO NOTHING;
