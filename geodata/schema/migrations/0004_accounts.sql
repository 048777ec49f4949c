-- Accounts: the organisations that people work for, the second factor, invitations, the pace of guessing, and what was done to
-- accounts.
CREATE TABLE bando.organisation (
    code     text PRIMARY KEY CHECK (code ~ '^[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?$'),
    title    text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    kind     text NOT NULL CHECK (kind IN ('commune', 'operator', 'province', 'other')),
    operator text CHECK (char_length(operator) BETWEEN 1 AND 40), -- as the layers call it ("viettel")
    CHECK ((kind = 'operator') = (operator IS NOT NULL))
);
ALTER TABLE bando.account ADD COLUMN organisation text REFERENCES bando.organisation ON UPDATE CASCADE;

-- The app that shows codes (RFC 6238). The server must know the secret to check a code, so it lies here in clear: whoever reads
-- this table still needs the password. It is told once, and counts from when its first code was given.
CREATE TABLE bando.second_factor (
    account      bigint PRIMARY KEY REFERENCES bando.account ON DELETE CASCADE,
    secret       bytea NOT NULL CHECK (length(secret) >= 16),
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0 -- of 30 s: no code of this step or an older one is taken
);

CREATE TABLE bando.recovery_code (
    account   bigint NOT NULL REFERENCES bando.account ON DELETE CASCADE,
    code_hash bytea NOT NULL, -- SHA-256 of 80 random bits
    PRIMARY KEY (account, code_hash)
);

CREATE TABLE bando.invitation (
    account    bigint PRIMARY KEY REFERENCES bando.account ON DELETE CASCADE, -- the newest ends those before
    code_hash  bytea NOT NULL UNIQUE,                                         -- SHA-256 of the code in the link
    expires_at timestamptz NOT NULL
);

-- Attempts to sign in that have not succeeded. The key is a hash of name and address: what people type into the field of the
-- name is sometimes their password.
CREATE TABLE bando.sign_in_pace (
    key   bytea PRIMARY KEY,
    tries int NOT NULL,
    last  timestamptz NOT NULL,
    until timestamptz NOT NULL -- no attempt is looked at before
);
CREATE INDEX sign_in_pace_last ON bando.sign_in_pace (last);

-- What was done to accounts, by whom, from where. Retention gives up old entries explicitly.
CREATE TABLE bando.account_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    who     text NOT NULL, -- the doer's account, or the command on the server
    what    text NOT NULL,
    whom    text,          -- the account that it was done to
    address text,
    detail  jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX account_log_whom ON bando.account_log (whom, id);

CREATE FUNCTION bando.account_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('bando.retaining', true) = 'on' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'the account log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bando.account_log
    FOR EACH STATEMENT EXECUTE FUNCTION bando.account_log_is_append_only();
