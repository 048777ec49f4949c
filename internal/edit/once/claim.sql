-- Takes a key, or waits for who has it: a write that comes to its end leaves no room, one that is rolled back does.
INSERT INTO bando.once (account, key, request) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
