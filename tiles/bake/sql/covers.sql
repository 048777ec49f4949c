SELECT EXISTS (SELECT FROM {table} f WHERE f.geom && ST_MakeEnvelope($1, $2, $3, $4, 4326) AND {seen})
