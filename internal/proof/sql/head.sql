-- The newest revision, the hash of its last entry, and when it was written.
SELECT revision, hash, at FROM bando.head
