-- Proof of the log: each entry carries a hash over itself and the hash of the entry before it, so that none can be altered,
-- taken out, put in or moved without every later one telling. docs/proof.md says the form, for those who check it by
-- themselves; package proof recomputes it without these functions.

-- The salt keeps the hash of an entry, which anybody may see, from confirming a guess at what is hidden in it.
ALTER TABLE bando.log ADD COLUMN salt uuid, ADD COLUMN hash bytea;
-- The hash of the newest entry, and the transaction that wrote it.
ALTER TABLE bando.head ADD COLUMN hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(hash) = 32);
ALTER TABLE bando.head ADD COLUMN writer xid8;

-- The line that stands for an entry: a JSON array of what it says, in the order of the columns, the time in microseconds
-- since 1970 and geometries as little-endian EWKB in hexadecimal.
CREATE FUNCTION bando.line(e bando.log) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_array(e.revision, e.ordinal, (extract(epoch FROM e.at) * 1000000)::bigint, e.layer, e.feature, e.op, e.before, e.after,
        encode(public.ST_AsEWKB(e.before_geom, 'NDR'), 'hex'), encode(public.ST_AsEWKB(e.after_geom, 'NDR'), 'hex'), e.squares,
        e.who, e.account, e.role, e.via, e.why, e.evidence, e.salt)::text;

-- The hash of an entry that follows another: SHA-256 of the text of that one's hash, a line break, and the entry's line.
CREATE FUNCTION bando.chained(previous bytea, e bando.log) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to(encode(previous, 'hex') || E'\n' || bando.line(e), 'UTF8'));

-- What was written before there was a chain is chained as it stands.
ALTER TABLE bando.log DISABLE TRIGGER append_only;
DO $$
DECLARE
    newest bytea := (SELECT hash FROM bando.head);
    e bando.log;
BEGIN
    FOR e IN SELECT * FROM bando.log ORDER BY revision, ordinal LOOP
        e.salt := gen_random_uuid();
        newest := bando.chained(newest, e);
        UPDATE bando.log SET salt = e.salt, hash = newest WHERE revision = e.revision AND ordinal = e.ordinal;
    END LOOP;
    UPDATE bando.head SET hash = newest;
END $$;
ALTER TABLE bando.log ENABLE TRIGGER append_only;
ALTER TABLE bando.log ALTER COLUMN salt SET NOT NULL, ALTER COLUMN hash SET NOT NULL;

-- Starts the transaction's entry in the log: its revision, taken once, the place in it, the time, and the hash before it.
-- What a transaction has already is read from the tables and not from its settings, which anybody could set. The time is
-- compared too, because a copy of the database in another server starts its count of transactions anew.
DROP FUNCTION bando.stamp();
CREATE FUNCTION bando.stamp(OUT revision bigint, OUT ordinal integer, OUT at timestamptz, OUT previous bytea) LANGUAGE plpgsql AS $$
BEGIN
    SELECT h.revision, h.at INTO stamp.revision, stamp.at FROM bando.head h
        WHERE h.writer = pg_current_xact_id() AND h.at >= now();
    IF FOUND THEN
        SELECT l.ordinal + 1, l.hash INTO stamp.ordinal, stamp.previous FROM bando.log l
            WHERE l.revision = stamp.revision ORDER BY l.ordinal DESC LIMIT 1;
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(1650552431); -- 'bolo': one committer of the log at a time
    UPDATE bando.head h SET revision = h.revision + 1, at = greatest(clock_timestamp(), h.at), writer = pg_current_xact_id()
        RETURNING h.revision, h.at, h.hash INTO stamp.revision, stamp.at, stamp.previous;
    ordinal := 1;
    PERFORM set_config('bando.revision', stamp.revision::text, true); -- for the writer to know
    PERFORM pg_notify('bando_log', stamp.revision::text);
END $$;

-- Writes the entry of one row's change. Its argument widens the squares, in degrees, for layers that show points rounded.
-- It runs with its owner's rights, so that whoever may write a layer leaves an entry without any right on the log itself;
-- the name given in settings is believed only of the owner's own sessions.
CREATE OR REPLACE FUNCTION bando.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    trusted constant boolean := session_user = current_user;
    pad_deg constant double precision := TG_ARGV[0]::double precision;
    e bando.log; s record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        e.feature := OLD.id; e.before_geom := OLD.geom; OLD.geom := NULL;
        e.before := to_jsonb(OLD) - '{id,geom,revision}'::text[];
    END IF;
    IF TG_OP <> 'DELETE' THEN
        e.feature := NEW.id; e.after_geom := NEW.geom; NEW.geom := NULL;
        e.after := to_jsonb(NEW) - '{id,geom,revision}'::text[];
    END IF;
    e.squares := bando.squares(e.before_geom, pad_deg);
    IF TG_OP = 'UPDATE' THEN
        e.op := 'update';
        SELECT coalesce(jsonb_object_agg(key, e.before -> key), '{}'), coalesce(jsonb_object_agg(key, value), '{}')
            INTO e.before, e.after
            FROM jsonb_each(e.after) WHERE value IS DISTINCT FROM e.before -> key;
        IF e.before_geom OPERATOR(public.=) e.after_geom OR (e.before_geom IS NULL AND e.after_geom IS NULL) THEN
            IF e.after = '{}' THEN RETURN NULL; END IF;
            e.before_geom := NULL; e.after_geom := NULL;
        ELSE
            e.squares := e.squares || bando.squares(e.after_geom, pad_deg);
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        e.op := 'create'; e.after := jsonb_strip_nulls(e.after); e.squares := bando.squares(e.after_geom, pad_deg);
    ELSE
        e.op := 'delete'; e.before := jsonb_strip_nulls(e.before);
    END IF;
    IF trusted THEN
        e.who := nullif(current_setting('bando.who', true), '');
        e.account := nullif(current_setting('bando.account', true), '')::bigint;
        e.role := nullif(current_setting('bando.role', true), '');
        e.via := nullif(current_setting('bando.via', true), '');
    END IF;
    e.who := coalesce(e.who, 'db:' || session_user);
    e.via := coalesce(e.via, nullif(current_setting('application_name', true), ''), 'sql');
    e.why := nullif(current_setting('bando.why', true), '');
    e.evidence := nullif(current_setting('bando.evidence', true), '')::jsonb;
    e.layer := TG_TABLE_NAME;
    s := bando.stamp();
    e.revision := s.revision; e.ordinal := s.ordinal; e.at := s.at;
    e.salt := gen_random_uuid();
    e.hash := bando.chained(s.previous, e);
    INSERT INTO bando.log VALUES (e.*);
    RETURN NULL;
END $$;

-- Stamps the features of a transaction with its revision, and the head with its hash. It is deferred once more than the
-- entries themselves, so that the first call finds them all and stamps each layer with one statement; the other calls find
-- nothing left to do. Where a session has made constraints immediate, each entry is stamped as it comes.
CREATE OR REPLACE FUNCTION bando.settle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settled constant integer := coalesce(nullif(current_setting('bando.settled', true), '')::integer, 0);
    touched text; newest record;
BEGIN
    IF NEW.ordinal <= settled THEN RETURN NULL; END IF;
    SELECT ordinal, hash INTO newest FROM bando.log WHERE revision = NEW.revision ORDER BY ordinal DESC LIMIT 1;
    IF newest.ordinal = settled + 1 THEN -- one edit, as most transactions are
        IF NEW.layer <> 'bando.log' THEN
            EXECUTE format('UPDATE layer.%I SET revision = $1 WHERE id = $2', NEW.layer) USING NEW.revision, NEW.feature;
        END IF;
    ELSE
        FOR touched IN SELECT DISTINCT layer FROM bando.log WHERE revision = NEW.revision AND ordinal > settled AND layer <> 'bando.log' LOOP
            EXECUTE format('UPDATE layer.%I f SET revision = $1 FROM bando.log e
                WHERE e.revision = $1 AND e.ordinal > $2 AND e.layer = $3 AND f.id = e.feature AND f.revision <> $1', touched)
                USING NEW.revision, settled, touched;
        END LOOP;
    END IF;
    UPDATE bando.head SET hash = newest.hash;
    PERFORM set_config('bando.settled', newest.ordinal::text, true);
    RETURN NULL;
END $$;

-- Signed checkpoints of the chain: signed notes (C2SP) that say a revision and its last hash. Whoever keeps one outside
-- can show later that the log before it is still the same.
CREATE TABLE bando.checkpoint (
    revision bigint NOT NULL,
    hash     bytea NOT NULL CHECK (length(hash) = 32),
    at       timestamptz NOT NULL DEFAULT now(),
    note     text NOT NULL,
    PRIMARY KEY (revision, note)
);

-- Old entries may be given up by an explicit act, which leaves an entry of its own: of the layer "bando.log", which no layer
-- is called, and of the "feature" that is the newest revision given up. Package proof signs a checkpoint of that one first.
CREATE OR REPLACE FUNCTION bando.log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('bando.retaining', true) = 'on' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'the log is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Undo a change by making a new one.';
END $$;

CREATE FUNCTION bando.retain(newest bigint, who text, why text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    e bando.log; s record; given_up bigint;
BEGIN
    s := bando.stamp(); -- whoever writes meanwhile waits
    PERFORM set_config('bando.retaining', 'on', true);
    DELETE FROM bando.log l WHERE l.revision <= newest;
    GET DIAGNOSTICS given_up = ROW_COUNT;
    PERFORM set_config('bando.retaining', '', true);
    e.revision := s.revision; e.ordinal := s.ordinal; e.at := s.at; e.layer := 'bando.log'; e.feature := newest; e.op := 'delete';
    e.before := jsonb_build_object('entries', given_up); e.who := who; e.via := 'bando'; e.why := why; e.salt := gen_random_uuid();
    e.hash := bando.chained(s.previous, e);
    INSERT INTO bando.log VALUES (e.*);
    RETURN given_up;
END $$;
