package store

import "time"

// Impatient shortens how long a question may keep the database busy.
func (s *Store) Impatient(limit time.Duration) { s.wait = limit }
