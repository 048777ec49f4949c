-- The free text of a layer, and the commune codes that tell a parcel's number from a person's.
SELECT id, ARRAY[commune_code::text, {former}], ARRAY[{columns}] FROM {table}
