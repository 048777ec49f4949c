-- The ordered log. Every change to a table of the schema "layer" writes its entry at commit, whoever makes it:
-- a deferred trigger takes a lock, then the next revision. The lock is held until the commit can be seen, so revisions
-- appear to readers in their order and without gaps, and a transaction that rolls back takes none.

-- The newest revision: one row.
CREATE TABLE bando.head (
    single   boolean PRIMARY KEY DEFAULT true CHECK (single),
    revision bigint NOT NULL,
    at       timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO bando.head (revision, at) VALUES (0, now());

CREATE TABLE bando.log (
    revision    bigint NOT NULL,       -- one for each transaction, in commit order: 1, 2, 3, …
    ordinal     integer NOT NULL,      -- place within the transaction, from 1
    at          timestamptz NOT NULL,  -- when the transaction came to its commit; never earlier than an older revision
    layer       text NOT NULL,
    feature     bigint NOT NULL,
    op          text NOT NULL CHECK (op IN ('create', 'update', 'delete')),
    before      jsonb,                 -- attributes before; for an update only those that changed
    after       jsonb,                 -- attributes after; for an update only those that changed
    before_geom public.geometry,       -- null when the geometry did not change
    after_geom  public.geometry,
    squares     integer[],             -- x0,y0,x1,y1 of zoom 24 tiles, inclusive: where it was, then where it is
    who         text NOT NULL,         -- account name, or db:ROLE for a write straight in the database
    account     bigint,
    role        text,
    via         text NOT NULL,         -- api, import, review, demo, or the client program's name
    why         text,
    evidence    jsonb,
    PRIMARY KEY (revision, ordinal)
);
CREATE INDEX log_feature ON bando.log (layer, feature, revision DESC, ordinal DESC);

CREATE FUNCTION bando.log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Undo a change by making a new one.';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bando.log
    FOR EACH STATEMENT EXECUTE FUNCTION bando.log_is_append_only();

-- The block of zoom 24 web mercator tiles (y southwards) that a box in degrees meets, cut at the world's edge.
CREATE FUNCTION bando.squares(g public.geometry, pad_deg double precision DEFAULT 0) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    side constant double precision := 16777216; -- 2^24
    last constant double precision := 16777215;
    north double precision; south double precision;
BEGIN
    IF g IS NULL OR public.ST_IsEmpty(g) THEN RETURN NULL; END IF;
    north := radians(least(public.ST_YMax(g) + pad_deg, 85.06));
    south := radians(greatest(public.ST_YMin(g) - pad_deg, -85.06));
    north := least(north, radians(85.06)); south := greatest(south, radians(-85.06));
    north := greatest(north, radians(-85.06)); south := least(south, radians(85.06));
    RETURN ARRAY[
        least(last, greatest(0, floor((public.ST_XMin(g) - pad_deg + 180) / 360 * side)))::integer,
        least(last, greatest(0, floor((1 - ln(tan(north) + 1 / cos(north)) / pi()) / 2 * side)))::integer,
        least(last, greatest(0, floor((public.ST_XMax(g) + pad_deg + 180) / 360 * side)))::integer,
        least(last, greatest(0, floor((1 - ln(tan(south) + 1 / cos(south)) / pi()) / 2 * side)))::integer
    ];
END $$;

-- Starts the transaction's entry in the log: its revision, taken once, and the time.
CREATE FUNCTION bando.stamp(OUT revision bigint, OUT ordinal integer, OUT at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    mark text := current_setting('bando.stamp', true);
BEGIN
    IF mark IS NULL OR mark = '' THEN
        PERFORM pg_advisory_xact_lock(1650552431); -- 'bolo': one committer of the log at a time
        UPDATE bando.head h SET revision = h.revision + 1, at = greatest(clock_timestamp(), h.at)
            RETURNING h.revision, h.at INTO stamp.revision, stamp.at;
        ordinal := 1;
        PERFORM set_config('bando.revision', stamp.revision::text, true);
        PERFORM pg_notify('bando_log', stamp.revision::text);
    ELSE
        revision := split_part(mark, ' ', 1)::bigint;
        ordinal := split_part(mark, ' ', 2)::integer + 1;
        at := to_timestamp(split_part(mark, ' ', 3)::double precision);
    END IF;
    PERFORM set_config('bando.stamp', format('%s %s %s', stamp.revision, ordinal, extract(epoch FROM at)), true);
END $$;

-- Before a write: ids stay, the revision is the log's to set, and geometry is valid. Validity is tested here and not in
-- a CHECK because those are tested again when the log stamps the row.
CREATE FUNCTION bando.guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.revision := 0;
    ELSE
        IF NEW.id <> OLD.id THEN
            RAISE EXCEPTION 'the id of a feature never changes (% to %)', OLD.id, NEW.id USING ERRCODE = 'check_violation';
        END IF;
        NEW.revision := OLD.revision;
        IF NEW.geom OPERATOR(public.=) OLD.geom THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NOT public.ST_IsValid(NEW.geom) THEN
        fault := public.ST_IsValidDetail(NEW.geom);
        RAISE EXCEPTION 'geometry is not valid: % at %', fault.reason, public.ST_AsText(fault.location)
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_geom_valid';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION bando.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE would leave no trace in the log' USING ERRCODE = 'insufficient_privilege',
        HINT = 'Use DELETE: each feature then has its entry and can be brought back.';
END $$;

-- Writes the entry of one row's change. Its argument widens the squares, in degrees, for layers that show points rounded.
-- It runs with its owner's rights, so that whoever may write a layer leaves an entry without any right on the log itself;
-- the name and reason given in settings are believed only of the owner's own sessions.
CREATE FUNCTION bando.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    trusted constant boolean := session_user = current_user;
    pad_deg constant double precision := TG_ARGV[0]::double precision;
    old_attrs jsonb; new_attrs jsonb; old_geom public.geometry; new_geom public.geometry; touched integer[];
    feature_id bigint; operation text; s record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        feature_id := OLD.id; old_geom := OLD.geom; OLD.geom := NULL;
        old_attrs := to_jsonb(OLD) - '{id,geom,revision}'::text[];
    END IF;
    IF TG_OP <> 'DELETE' THEN
        feature_id := NEW.id; new_geom := NEW.geom; NEW.geom := NULL;
        new_attrs := to_jsonb(NEW) - '{id,geom,revision}'::text[];
    END IF;
    touched := bando.squares(old_geom, pad_deg);
    IF TG_OP = 'UPDATE' THEN
        operation := 'update';
        SELECT coalesce(jsonb_object_agg(key, old_attrs -> key), '{}'), coalesce(jsonb_object_agg(key, value), '{}')
            INTO old_attrs, new_attrs
            FROM jsonb_each(new_attrs) WHERE value IS DISTINCT FROM old_attrs -> key;
        IF old_geom OPERATOR(public.=) new_geom OR (old_geom IS NULL AND new_geom IS NULL) THEN
            IF new_attrs = '{}' THEN RETURN NULL; END IF;
            old_geom := NULL; new_geom := NULL;
        ELSE
            touched := touched || bando.squares(new_geom, pad_deg);
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        operation := 'create'; new_attrs := jsonb_strip_nulls(new_attrs); touched := bando.squares(new_geom, pad_deg);
    ELSE
        operation := 'delete'; old_attrs := jsonb_strip_nulls(old_attrs);
    END IF;
    s := bando.stamp();
    INSERT INTO bando.log (revision, ordinal, at, layer, feature, op, before, after, before_geom, after_geom, squares,
                           who, account, role, via, why, evidence)
    VALUES (s.revision, s.ordinal, s.at, TG_TABLE_NAME, feature_id, operation, old_attrs, new_attrs, old_geom, new_geom, touched,
            CASE WHEN trusted THEN coalesce(nullif(current_setting('bando.who', true), ''), 'db:' || session_user) ELSE 'db:' || session_user END,
            CASE WHEN trusted THEN nullif(current_setting('bando.account', true), '')::bigint END,
            CASE WHEN trusted THEN nullif(current_setting('bando.role', true), '') END,
            coalesce(CASE WHEN trusted THEN nullif(current_setting('bando.via', true), '') END,
                     nullif(current_setting('application_name', true), ''), 'sql'),
            nullif(current_setting('bando.why', true), ''),
            nullif(current_setting('bando.evidence', true), '')::jsonb);
    RETURN NULL;
END $$;

-- Stamps the features of a transaction with its revision. It is deferred once more than the entries themselves, so that
-- the first call finds them all and stamps each layer with one statement; the other calls find nothing left to do. Where a
-- session has made constraints immediate, each entry is stamped as it comes.
CREATE FUNCTION bando.settle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settled constant integer := coalesce(nullif(current_setting('bando.settled', true), '')::integer, 0);
    touched text; newest integer;
BEGIN
    IF NEW.ordinal <= settled THEN RETURN NULL; END IF;
    FOR touched IN SELECT DISTINCT layer FROM bando.log WHERE revision = NEW.revision AND ordinal > settled LOOP
        EXECUTE format('UPDATE layer.%I f SET revision = $1 FROM bando.log e
            WHERE e.revision = $1 AND e.ordinal > $2 AND e.layer = $3 AND f.id = e.feature AND f.revision <> $1', touched)
            USING NEW.revision, settled, touched;
    END LOOP;
    SELECT max(ordinal) INTO newest FROM bando.log WHERE revision = NEW.revision;
    PERFORM set_config('bando.settled', newest::text, true);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settle AFTER INSERT ON bando.log DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION bando.settle();
