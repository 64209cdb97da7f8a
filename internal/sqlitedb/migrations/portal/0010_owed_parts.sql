-- +goose Up
-- What of a process is still to be asked for, names with a space between, so that after a kill nothing is asked for twice but
-- what was under way. Empty, in rows of before: not known, so the process is read again.
ALTER TABLE owed ADD COLUMN parts TEXT NOT NULL DEFAULT '';
