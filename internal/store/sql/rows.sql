-- Features in order, each as the columns that it is written from.
SELECT {columns}
FROM {source} f
WHERE {where}
ORDER BY {order}
LIMIT {limit}
