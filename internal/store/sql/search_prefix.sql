-- Features of one layer whose name or code begins like the text; $1 and $2 are the ends of the range.
(SELECT {layer}::text AS layer, f.id, {name} AS name, {code} AS code, {hamlet} AS hamlet_id, {geometry} AS geom
 FROM {table} f
 WHERE ((bando.fold({name}) ~>=~ $1 AND bando.fold({name}) ~<~ $2 AND {name} IS NOT NULL)
     OR (bando.fold({code}) ~>=~ $1 AND bando.fold({code}) ~<~ $2 AND {code} IS NOT NULL)) AND {where}
 ORDER BY char_length({name}), f.id LIMIT 50)
