EXISTS (SELECT FROM (
    SELECT x.* FROM {table} x WHERE x.id = {feature}
    UNION ALL
    SELECT y.* FROM (
        SELECT before FROM bando.log WHERE layer = {layer} AND feature = {feature} ORDER BY revision DESC, ordinal DESC LIMIT 1
    ) d CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, d.before) y
    WHERE NOT EXISTS (SELECT FROM {table} x WHERE x.id = {feature})
) f WHERE {seen})
