-- Features of one layer whose name has the text somewhere inside.
(SELECT {layer}::text AS layer, f.id, {name} AS name, {code} AS code, {hamlet} AS hamlet_id, {geometry} AS geom
 FROM {table} f
 WHERE {name} IS NOT NULL AND strpos(bando.fold({name}), $1) > 1 AND {where}
 ORDER BY char_length({name}), f.id LIMIT 50)
