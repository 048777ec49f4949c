-- Which of the extensions that bando needs are in this database, and which could be?
SELECT need.name::text AS name,
       pg_available_extensions.default_version AS available,
       pg_extension.extversion AS installed
FROM unnest(ARRAY['postgis', 'unaccent']) WITH ORDINALITY AS need (name, nth)
LEFT JOIN pg_available_extensions ON pg_available_extensions.name = need.name
LEFT JOIN pg_extension ON pg_extension.extname = need.name
ORDER BY need.nth
