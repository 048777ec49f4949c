-- Tells the planner what the layer holds.
ANALYZE {table} (id)
