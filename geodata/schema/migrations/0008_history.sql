-- The history as a whole: what happened at which time, and to which layer, without looking through all of the log.
CREATE INDEX log_at ON bando.log (at, revision);
CREATE INDEX log_layer ON bando.log (layer, revision, ordinal);

-- Which revisions take others back. It is written in the transaction that does so; the log's own entries say what came of it.
CREATE TABLE bando.reversal (
    revision bigint PRIMARY KEY,
    of       bigint NOT NULL CHECK (of < revision),
    complete boolean NOT NULL -- nothing of that revision was left as it is
);
CREATE INDEX reversal_of ON bando.reversal (of, revision);

CREATE FUNCTION bando.reversal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was taken back is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bando.reversal
    FOR EACH STATEMENT EXECUTE FUNCTION bando.reversal_is_append_only();
