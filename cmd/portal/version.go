package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// version is set by the release build; a plain build tells its revision instead.
var version = "dev"

type versionCommand struct{}

func (versionCommand) Run(e *env) error {
	_, err := fmt.Fprintf(e.stdout, "portal %s (%s, SQLite %s)\n", buildID(), runtime.Version(), sqlitedb.Version())
	return err
}

// buildID names the build in records and exports: version and, where known, the revision.
func buildID() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return version + "-" + s.Value[:12]
		}
	}
	return version
}
