-- How many features there are.
SELECT count(*) FROM {table} f WHERE {where}
