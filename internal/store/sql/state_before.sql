-- What an attribute was before the entry e.
CASE WHEN e.op = 'delete' OR e.before ? {name} THEN e.before ->> {name} WHEN e.op = 'update' THEN {after} END
