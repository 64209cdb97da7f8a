-- +goose Up
-- Searches that people keep under a name. The term of one is a posted one that does not expire as long as a saved search has it.
CREATE TABLE saved_search (
  id       BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  issuer   TEXT    NOT NULL, -- whose it is
  subject  TEXT    NOT NULL,
  name     TEXT    NOT NULL,
  query    TEXT    NOT NULL, -- of the list's address: filters, order, and the term's opaque id
  term     BLOB,             -- that id, NULL without a term
  saved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX saved_search_owner ON saved_search (issuer, subject, name);
CREATE INDEX saved_search_term ON saved_search (term) WHERE term IS NOT NULL;
