-- How many features refer to each of the staged ones that are to be deleted.
WITH {staged}
SELECT s.ord, count(*) FROM staged s JOIN {table} f ON f.{field} = s.id WHERE s.op = 'delete' GROUP BY s.ord
