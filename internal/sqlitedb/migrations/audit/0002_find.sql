-- +goose Up
-- What lists of the trail need beside the first columns of fact, derived like them.

-- +goose StatementBegin
DROP TRIGGER fact_update;
-- +goose StatementEnd
ALTER TABLE fact ADD COLUMN dossier_id TEXT NOT NULL DEFAULT '';
UPDATE fact SET dossier_id = json_extract(CAST(e.leaf AS TEXT), '$.process.dossier') FROM entry e
WHERE e.seq = fact.seq AND json_extract(CAST(e.leaf AS TEXT), '$.process.dossier') IS NOT NULL;
-- +goose StatementBegin
CREATE TRIGGER fact_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
CREATE INDEX fact_dossier ON fact (dossier_id, seq) WHERE dossier_id <> '';

-- Between which times each whole block of 1,024 records lies, so that a day is found without an index of every time. Times
-- need not ascend, since a clock may be set back: a bound of time gives a stretch of records, in which each is looked at.
DROP INDEX fact_at;
CREATE TABLE span (
  block INTEGER PRIMARY KEY,
  low   INTEGER NOT NULL,
  high  INTEGER NOT NULL
) STRICT;
INSERT INTO span (block, low, high)
SELECT seq / 1024, min(at), max(at) FROM fact GROUP BY seq / 1024 HAVING count(*) = 1024;

-- +goose StatementBegin
CREATE TRIGGER fact_span AFTER INSERT ON fact WHEN NEW.seq % 1024 = 1023
BEGIN
  INSERT INTO span (block, low, high)
  SELECT NEW.seq / 1024, min(at), max(at) FROM fact WHERE seq BETWEEN NEW.seq - 1023 AND NEW.seq;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER span_update BEFORE UPDATE ON span BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER span_delete BEFORE DELETE ON span BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER span_insert BEFORE INSERT ON span
WHEN NEW.block IS NOT (SELECT coalesce(max(block) + 1, 0) FROM span)
BEGIN SELECT RAISE(ABORT, 'blocks are numbered without gaps'); END;
-- +goose StatementEnd
