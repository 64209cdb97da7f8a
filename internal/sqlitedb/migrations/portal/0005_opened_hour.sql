-- +goose Up
-- How many processes a person opened in an hour (its beginning, milliseconds since 1970, UTC), for the last weeks: from
-- these follows what is usual for that person.
CREATE TABLE opened_hour (
  person BLOB    NOT NULL CHECK (length(person) = 32), -- SHA-256 of issuer and subject
  hour   INTEGER NOT NULL,
  opened INTEGER NOT NULL,
  PRIMARY KEY (person, hour)
) STRICT, WITHOUT ROWID;

CREATE INDEX opened_hour_hour ON opened_hour (hour);
