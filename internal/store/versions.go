package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
)

// Changes compares an older version of a process with a newer one, as of now; version 0 is the newest. The receipt must cover both.
func (s *Store) Changes(ctx context.Context, r audit.Receipt, processID string, older, newer int) (evidence.Changes, error) {
	was, _, err := s.input(ctx, r, processID, older)
	if err != nil {
		return evidence.Changes{}, err
	}
	is, _, err := s.input(ctx, r, processID, newer)
	if err != nil {
		return evidence.Changes{}, err
	}
	return evidence.Compare(was, is), nil
}

// versionStatus is the status that one version of a process states.
type versionStatus struct {
	version int
	status  string
}

// statuses are those of all versions of some processes, by id, in any order.
func (s *Store) statuses(ctx context.Context, ids []string) (map[string][]versionStatus, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT s.process_id, s.version, s.status FROM json_each(?) j
		CROSS JOIN snapshot s ON s.process_id = j.value`, string(list))
	if err != nil {
		return nil, fmt.Errorf("list the statuses of versions: %w", err)
	}
	defer rows.Close()
	all := map[string][]versionStatus{}
	for rows.Next() {
		var id string
		var v versionStatus
		if err := rows.Scan(&id, &v.version, &v.status); err != nil {
			return nil, err
		}
		all[id] = append(all[id], v)
	}
	return all, rows.Err()
}

// statusesBefore are those of the versions before one, oldest first.
func statusesBefore(all []versionStatus, version int) []string {
	slices.SortFunc(all, func(a, b versionStatus) int { return a.version - b.version })
	var earlier []string
	for _, v := range all {
		if v.version < version {
			earlier = append(earlier, v.status)
		}
	}
	return earlier
}

// addEarlier tells each source what the versions before it stated.
func (s *Store) addEarlier(ctx context.Context, sources []source) error {
	ids := make([]string, len(sources))
	for i, f := range sources {
		ids[i] = f.ProcessID
	}
	all, err := s.statuses(ctx, ids)
	for i, f := range sources {
		sources[i].earlier = statusesBefore(all[f.ProcessID], f.Version)
	}
	return err
}
