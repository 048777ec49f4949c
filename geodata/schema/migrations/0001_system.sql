-- The system's tables, the log, and the functions that every layer's table leans on.
CREATE SCHEMA IF NOT EXISTS bando;
CREATE SCHEMA IF NOT EXISTS layer;
CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public; -- named: a role called bando would otherwise get it in its own schema
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;

-- Facts about this installation: its title, whether it is a demo, the commune's code.
CREATE TABLE bando.setting (
    key   text PRIMARY KEY,
    value jsonb NOT NULL
);

-- The declarations from which the tables of the schema "layer" were derived.
CREATE TABLE bando.layer (
    id          text PRIMARY KEY,
    declaration jsonb NOT NULL,
    derived     text NOT NULL, -- hash of the statements that were last applied
    at          timestamptz NOT NULL DEFAULT now()
);

-- Text as people search for it: without case and diacritics, đ as d. Immutable, so that indexes can hold it.
CREATE FUNCTION bando.fold(t text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, normalize(t, NFC)));

-- People.
CREATE TABLE bando.account (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    title         text,
    role          text NOT NULL,
    password_hash text, -- argon2id in PHC form; null: only tokens
    operator      text,
    hamlet_id     bigint,
    demo          boolean NOT NULL DEFAULT false,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX account_name ON bando.account (lower(name));

CREATE TABLE bando.session (
    token_hash bytea PRIMARY KEY, -- SHA-256 of the cookie's value
    account    bigint NOT NULL REFERENCES bando.account ON DELETE CASCADE,
    csrf       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL DEFAULT now(),
    agent      text
);
CREATE INDEX session_expiry ON bando.session (expires_at);

CREATE TABLE bando.token (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account    bigint NOT NULL REFERENCES bando.account ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE, -- SHA-256 of the token
    title      text,
    scopes     text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used  timestamptz
);

-- Photos, models and documents; the bytes lie in files named by their hash.
CREATE TABLE bando.media (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256     bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    type       text NOT NULL,
    bytes      bigint NOT NULL CHECK (bytes >= 0),
    name       text,
    account    bigint REFERENCES bando.account ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    meta       jsonb NOT NULL DEFAULT '{}'
);
