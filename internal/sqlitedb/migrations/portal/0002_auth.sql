-- +goose Up
-- Sign-in. Times are milliseconds since 1970, UTC. Tokens stand here as SHA-256 alone: whoever reads this file cannot
-- use what it holds.

-- A sign-in that was started and is not finished. Taken by deleting it, so that it serves once.
CREATE TABLE login (
  token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
  state      TEXT    NOT NULL,
  nonce      TEXT    NOT NULL,
  verifier   TEXT    NOT NULL,
  return_to  TEXT    NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX login_expires ON login (expires_at);

-- One signed-in person in one browser. Ending a session deletes its row.
CREATE TABLE session (
  id         TEXT    NOT NULL PRIMARY KEY,
  token_hash BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  policy     BLOB    NOT NULL, -- SHA-256 of issuer, client and role map under which the roles were given
  issuer     TEXT    NOT NULL,
  subject    TEXT    NOT NULL,
  sid        TEXT    NOT NULL, -- the provider's session, empty if it names none
  name       TEXT    NOT NULL,
  roles      TEXT    NOT NULL, -- comma-separated
  purpose    TEXT    NOT NULL,
  case_ref   TEXT    NOT NULL,
  acr        TEXT    NOT NULL,
  auth_time  INTEGER NOT NULL, -- 0 if the provider does not tell
  address    TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL, -- moved at most once a minute
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Back-channel logout and ending all of a person's sessions.
CREATE INDEX session_person ON session (issuer, subject, sid);
CREATE INDEX session_sid ON session (issuer, sid);

-- The purpose a session gave for the raw answer of a process.
CREATE TABLE raw_purpose (
  session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  process_id TEXT NOT NULL,
  purpose    TEXT NOT NULL,
  PRIMARY KEY (session_id, process_id)
) STRICT, WITHOUT ROWID;

-- Logout tokens that were accepted, until none could be accepted again.
CREATE TABLE logout_token (
  token_id   BLOB    NOT NULL PRIMARY KEY CHECK (length(token_id) = 32), -- SHA-256 of issuer and jti
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
