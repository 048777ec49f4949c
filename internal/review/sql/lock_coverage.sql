-- One publication at a time: editions are numbered in their order, and the hamlets' shares follow from all of them.
SELECT pg_advisory_xact_lock(hashtextextended('bando.coverage', 0))
