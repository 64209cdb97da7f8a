-- +goose Up
-- Every process with due_at above 0 is read then, and a finished one, whose due_at was not looked at so far, once more a
-- day after its end: details of a provider may come late. 0: it is not read again by itself.
UPDATE process SET due_at = CASE WHEN due_at - updated_at < 86400000 THEN due_at + 86400000 ELSE 0 END WHERE final = 1;
DROP INDEX process_due;
CREATE INDEX process_due ON process (due_at) WHERE due_at > 0 AND gone_at = 0 AND dossier_id <> '';

CREATE INDEX process_gone ON process (gone_at) WHERE gone_at > 0;
