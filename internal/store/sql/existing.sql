-- Which of these features are there; they stay until the transaction ends.
SELECT f.id FROM {table} f WHERE f.id = ANY ($1) FOR KEY SHARE OF f
