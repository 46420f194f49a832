-- Times are milliseconds since 1970, unless a name says micros. Texts in JSON are the client's own.

CREATE TABLE sessions (
    id             TEXT PRIMARY KEY,
    owner          TEXT NOT NULL,
    creation_key   TEXT UNIQUE,
    tags           TEXT NOT NULL,
    metadata       TEXT NOT NULL,
    display_name   TEXT,
    created_micros BIGINT NOT NULL,
    ended_micros   BIGINT,
    ended_why      TEXT,
    finish_reason  TEXT,
    finish_detail  TEXT
);

CREATE TABLE losses (
    session     TEXT NOT NULL,
    number      BIGINT NOT NULL,
    owner       TEXT NOT NULL,
    request     ${bytes} NOT NULL,
    PRIMARY KEY (session, number)
);

CREATE TABLE runs (
    id            TEXT PRIMARY KEY,
    owner         TEXT NOT NULL,
    session       TEXT NOT NULL,
    number        BIGINT NOT NULL,
    fingerprint   TEXT NOT NULL,
    base          TEXT NOT NULL,
    rank          INTEGER NOT NULL,
    seed          BIGINT NOT NULL,
    train_attn    BOOLEAN NOT NULL,
    train_mlp     BOOLEAN NOT NULL,
    train_unembed BOOLEAN NOT NULL,
    metadata      TEXT NOT NULL,
    created       BIGINT NOT NULL,
    last_request  BIGINT NOT NULL,
    closed        BOOLEAN NOT NULL
);

-- A run's whole state on the disk: all its numbers below "next" are in it.
CREATE TABLE snapshots (
    run      TEXT NOT NULL,
    next     BIGINT NOT NULL,
    folder   TEXT NOT NULL,
    bytes    BIGINT NOT NULL,
    checksum BIGINT NOT NULL,
    taken    BIGINT NOT NULL,
    PRIMARY KEY (folder)
);

CREATE INDEX snapshots_of_run ON snapshots (run, next);

CREATE TABLE samplers (
    id      TEXT PRIMARY KEY,
    owner   TEXT NOT NULL,
    session TEXT NOT NULL,
    base    TEXT NOT NULL,
    path    TEXT,
    folder  TEXT,
    shared  TEXT,
    copies  BIGINT NOT NULL
);

-- How each request of a run or a sampler ended, and what its client is told; without an answer once
-- that is no longer kept. "line" is the run or the sampler.
CREATE TABLE outcomes (
    id          TEXT PRIMARY KEY,
    line        TEXT NOT NULL,
    sequence    BIGINT NOT NULL,
    owner       TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    settled     BIGINT NOT NULL,
    form        TEXT NOT NULL,
    answer      ${bytes}
);

CREATE INDEX outcomes_of_line ON outcomes (line, sequence);
CREATE INDEX outcomes_by_age ON outcomes (settled);
