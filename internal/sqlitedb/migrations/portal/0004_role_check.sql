-- +goose Up
-- When the identity provider last confirmed the roles of a session. 0: before this was kept, so at once.
ALTER TABLE session ADD COLUMN checked_at INTEGER NOT NULL DEFAULT 0;

-- What a started sign-in is for, and the session that it is about; empty for an ordinary one.
ALTER TABLE login ADD COLUMN aim TEXT NOT NULL DEFAULT '';
ALTER TABLE login ADD COLUMN session_id TEXT NOT NULL DEFAULT '';
