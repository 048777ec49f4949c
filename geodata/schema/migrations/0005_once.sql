-- The writes that were sent with an Idempotency-Key, so that one that is sent again is answered again and not made again. A row is
-- written in the transaction of its write: what was rolled back left none.
CREATE TABLE bando.once (
    account  bigint NOT NULL,
    key      text NOT NULL CHECK (length(key) BETWEEN 8 AND 255),
    request  bytea NOT NULL CHECK (length(request) = 32), -- SHA-256 of what was asked for
    revision bigint,                                      -- of the write in the log; 0 where it changed nothing
    result   json,                                        -- what became of each of its changes, as it was told
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, key)
) WITH (fillfactor = 70); -- each row is completed once by its own transaction
CREATE INDEX once_at ON bando.once USING brin (at);
