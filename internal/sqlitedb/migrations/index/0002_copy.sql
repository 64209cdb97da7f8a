-- +goose Up
-- The copy of the bitmaps that lies beside this file, so that a start need not make them from every entry.

-- One row while there is a copy: the name that it has in its own head and in its file's name.
CREATE TABLE copy (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  stamp TEXT    NOT NULL
) STRICT;

-- Rows of entry that came, went or changed since the copy was made.
CREATE TABLE touched (
  row INTEGER PRIMARY KEY
) STRICT;
