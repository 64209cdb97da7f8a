-- +goose Up
-- The lines of audit.csv for each whole block of 1,024 records, as an export of everything without names writes them. Made
-- from leaves, in the way of the program that has this number for it; a block goes when a detail of its records is erased.
CREATE TABLE line_block (
  block INTEGER PRIMARY KEY,
  form  INTEGER NOT NULL,
  text  BLOB NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER line_block_update BEFORE UPDATE ON line_block BEGIN SELECT RAISE(ABORT, 'lines are made, never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER line_block_insert BEFORE INSERT ON line_block
WHEN EXISTS (SELECT 1 FROM line_block WHERE block = NEW.block)
  OR NEW.block * 1024 + 1023 > (SELECT coalesce(max(seq), -1) FROM entry)
BEGIN SELECT RAISE(ABORT, 'lines are made once, of records that are there'); END;
-- +goose StatementEnd
