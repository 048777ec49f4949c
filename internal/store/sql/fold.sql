-- The text as names are indexed.
SELECT bando.fold($1)
