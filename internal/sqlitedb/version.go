package sqlitedb

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// oldestSafe is the first SQLite without the WAL-reset bug that loses committed transactions.
var oldestSafe = [3]int{3, 51, 3}

// Version is the SQLite version that is compiled in.
func Version() string {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "unknown"
	}
	defer db.Close()
	var v string
	if err := db.QueryRow("SELECT sqlite_version()").Scan(&v); err != nil {
		return "unknown"
	}
	return v
}

func checkVersion(version string) error {
	parts := strings.Split(version, ".")
	for i, least := range oldestSafe {
		if i >= len(parts) {
			return fmt.Errorf("SQLite version %q cannot be read", version)
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return fmt.Errorf("SQLite version %q cannot be read", version)
		}
		if n != least {
			if n < least {
				return fmt.Errorf("SQLite %s can lose committed records (WAL-reset bug); 3.51.3 or newer is needed", version)
			}
			return nil
		}
	}
	return nil
}

// IsFull reports whether err says that the disk has no room left.
func IsFull(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_FULL
}

// IsStuck reports whether err says that nobody can begin to read a file: a lock on its index could not be given back, and
// stays until every handle of the file in this process is closed.
func IsStuck(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_PROTOCOL
}
