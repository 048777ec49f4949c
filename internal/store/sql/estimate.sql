-- How many features the planner expects.
EXPLAIN (FORMAT JSON) SELECT FROM {source} f WHERE {where}
