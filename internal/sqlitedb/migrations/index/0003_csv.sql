-- +goose Up
-- The lines of /processes.csv without names, by the row of their entry: a line is read faster than its forty cells. A blob of two
-- lengths as varints, the cells before the time when Assure last had the process, the one after it, and those after the number of
-- the record of its arrival; those two change without a new snapshot and stay in portal.db. They come and go with their entry.
CREATE TABLE csv_line (
  row     INTEGER PRIMARY KEY,
  version INTEGER NOT NULL, -- of the snapshot that the line tells of
  cells   BLOB    NOT NULL
) STRICT;
