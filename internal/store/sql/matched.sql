-- How many features there are, up to a number.
SELECT count(*) FROM (SELECT FROM {source} f WHERE {where} LIMIT {most}) counted
