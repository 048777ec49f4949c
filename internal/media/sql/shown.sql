-- What the public may see: the published models and the photos of published sites.
SELECT EXISTS (
    SELECT FROM layer.tourism_sites s
    WHERE s.published
      AND ((s.model_state = 'published' AND s.model_id = $1::bigint::text)
        OR s.photos && ARRAY[$1::bigint::text, '/media/' || $1::bigint]))
