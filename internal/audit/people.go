package audit

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Bounds of the people that are named at once.
const (
	mostPeople   = 500
	namedRecords = 20 // newest records of somebody in which a name is looked for
)

// Person is somebody who stands in the trail.
type Person struct {
	Subject string    // issuer's subject, what a filter takes
	Name    string    // as the identity provider last gave it; empty where no record of late has one
	Last    time.Time // of the newest record
}

// People are those who stand in the trail, by subject, 500 at most; the receipt must be of an audit.view. more: there
// are others.
func (t *Trail) People(ctx context.Context, r Receipt) (people []Person, more bool, err error) {
	if !r.coversTrail(ctx) {
		return nil, false, errNoReceipt
	}
	// Goes from one subject to the next in the index, not through the records of each.
	err = t.db.Load().Stream(ctx, `WITH RECURSIVE somebody (subject) AS (SELECT min(actor) FROM fact WHERE actor > ''
			UNION ALL SELECT (SELECT min(actor) FROM fact WHERE actor > somebody.subject) FROM somebody WHERE subject IS NOT NULL LIMIT ?1)
		SELECT subject, (SELECT at FROM fact WHERE actor = subject ORDER BY seq DESC LIMIT 1),
			(SELECT d.body FROM (SELECT seq FROM fact WHERE actor = subject ORDER BY seq DESC LIMIT ?2) f
				CROSS JOIN detail d ON d.seq = f.seq AND d.part = 'who' WHERE json_extract(CAST(d.body AS TEXT), '$.name') <> '' LIMIT 1)
		FROM somebody WHERE subject IS NOT NULL`, []any{mostPeople + 1, namedRecords}, func(columns []sql.RawBytes) error {
		at, err := parseSeq(columns[1])
		if err != nil {
			return err
		}
		var who Record
		if columns[2] != nil {
			if err := who.read(part{name: "who", body: columns[2]}); err != nil {
				return err
			}
		}
		people = append(people, Person{string(columns[0]), who.ActorName, time.UnixMilli(at).UTC()})
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("name the people in the trail: %w", err)
	}
	if len(people) > mostPeople {
		people, more = people[:mostPeople], true
	}
	return people, more, nil
}
