-- Who an OpenID Connect provider says that somebody is, and whose account that is.
CREATE TABLE bando.identity (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issuer    text NOT NULL CHECK (char_length(issuer) BETWEEN 1 AND 1000),
    subject   text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 255), -- as OpenID Connect Core bounds it
    account   bigint NOT NULL REFERENCES bando.account ON DELETE CASCADE,
    linked_at timestamptz NOT NULL DEFAULT now(),
    last_at   timestamptz, -- of signing in by it
    UNIQUE (issuer, subject),
    UNIQUE (account, issuer) -- whoever has taken over a name at the provider does not take over the account
);

-- What a session knows of the second factor. Null: the account's own was given where it has one.
ALTER TABLE bando.session ADD COLUMN factor text CHECK (factor IN (
    'provider', -- the provider has asked for one
    'awaited'   -- the account's own is still to be given
));
