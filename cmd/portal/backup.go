package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

type backupCommand struct {
	Out string `required:"" placeholder:"DIR" help:"New or empty directory for the copies. Key and anchor are not among them: keep those elsewhere."`
}

// backedUp are the files of a backup in the order in which they are copied. The trail goes first: whatever snapshot it names is
// then in the copy of the store, too. The index is left out because it is rebuilt from the snapshots.
var backedUp = []string{"audit.db", "portal.db"}

// checksums is the file that `sha256sum --check` reads.
const checksums = "SHA256SUMS"

func (c *backupCommand) Run(e *env) (err error) {
	settings, err := config.Read(config.NeedData, os.LookupEnv, os.ReadFile)
	if err != nil {
		return err
	}
	// A portal at rest must not start in the middle: SQLite reads a file at rest as if it could not change.
	lock, err := sqlitedb.LockDir(settings.DataDir)
	if err != nil && !errors.Is(err, sqlitedb.ErrLocked) {
		return fmt.Errorf("lock %s: %w", settings.DataDir, err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if err := emptyDir(c.Out); err != nil {
		return err
	}
	for _, name := range backedUp {
		fmt.Fprintf(e.stderr, "copying and checking %s\n", name)
		if err := sqlitedb.Copy(e.ctx, filepath.Join(settings.DataDir, name), filepath.Join(c.Out, name)); err != nil {
			return err
		}
	}
	if err := verifyCopies(e.ctx, e.stdout, c.Out); err != nil {
		return err
	}
	return writeChecksums(e.stdout, c.Out)
}

// emptyDir makes a directory that nobody else may read, and takes an existing one only if it is empty.
func emptyDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory for the backup: %w", err)
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into the directory for the backup: %w", err)
	}
	if len(found) > 0 {
		return exit{exitUsage, "--out is not empty; a backup never replaces another"}
	}
	return nil
}

// verifyCopies checks the copied trail and that the copied snapshots are the ones that it names.
func verifyCopies(ctx context.Context, out io.Writer, dir string) error {
	v := audit.Verify(ctx, audit.VerifyOptions{File: filepath.Join(dir, "audit.db"), Snapshots: filepath.Join(dir, "portal.db")})
	if err := tell(out, v); err != nil {
		return err
	}
	if v.Exit != 0 {
		return exit{v.Exit, "the copy was made, but its trail is not sound: keep an older backup, and run portal audit verify on the original"}
	}
	return nil
}

func writeChecksums(out io.Writer, dir string) (err error) {
	file, err := os.OpenFile(filepath.Join(dir, checksums), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the checksums: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for _, name := range backedUp {
		sum, size, err := hashFile(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("hash %s: %w", name, err)
		}
		if _, err := fmt.Fprintf(file, "%x  %s\n", sum, name); err != nil {
			return fmt.Errorf("write the checksums: %w", err)
		}
		fmt.Fprintf(out, "%s %d bytes %x\n", name, size, sum)
	}
	return errors.Join(file.Sync(), sqlitedb.SyncDir(dir))
}

func hashFile(path string) (sum []byte, size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	h := sha256.New()
	size, err = io.Copy(h, file)
	return h.Sum(nil), size, err
}
