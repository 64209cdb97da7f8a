package audit

import (
	"fmt"
	"os"
	"testing"
)

// logSize is how long the trail's write-ahead log has become, in bytes. It never gets shorter while the trail is open.
func (f *fixture) logSize() int64 {
	f.t.Helper()
	info, err := os.Stat(f.o.Path + "-wal")
	if err != nil {
		f.t.Fatal(err)
	}
	return info.Size()
}

// appendLists appends n lists of ids that nobody has seen yet, so that each changes pages all over the table shown.
func (f *fixture) appendLists(n int, made *int) {
	f.t.Helper()
	for range n {
		ids := make([]string, 50)
		for i := range ids {
			*made++
			ids[i] = fmt.Sprintf("%08x-%d", uint32(*made)*2654435761, *made)
		}
		f.append(search("x", ids...))
	}
}

const (
	boundedLog = restartAfter*4096*3/2 + 1<<20 // it may come so far, and by as much more as one try costs
	lists      = 160
)

func TestAnExportToASlowReaderDoesNotMakeTheWriteAheadLogLong(t *testing.T) {
	f, made := start(t), 0
	f.fillBatch(5000, "Example")
	x, err := f.BeginExport(t.Context(), Event{Actor: ada}, ExportOptions{Identity: true})
	if err != nil {
		t.Fatal(err)
	}
	pieces := 0
	err = x.WriteCSV(t.Context(), writerFunc(func(b []byte) (int, error) { // the reader takes the next piece when others have worked
		pieces++
		f.appendLists(lists/20, &made)
		return len(b), nil
	}))
	if err != nil || pieces < 20 {
		t.Fatalf("%d pieces, %v", pieces, err)
	}
	if size := f.logSize(); size > boundedLog {
		t.Errorf("the log is %d bytes long", size)
	}
	if size := f.State().Size; size < 5000+lists {
		t.Errorf("the trail has %d records", size)
	}
	f.close()
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("%+v", v)
	}
}

func TestAReaderWhoDoesNotEndMakesTheLogLongButHoldsUpNoRecord(t *testing.T) {
	f, made := start(t), 0
	f.fillBatch(2000, "Example")
	tx, err := f.db.Load().Reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	var seen int64
	if err := tx.QueryRow("SELECT count(*) FROM entry").Scan(&seen); err != nil {
		t.Fatal(err)
	}
	f.appendLists(lists, &made)
	if size := f.logSize(); size <= boundedLog {
		t.Errorf("the log is %d bytes long: the test before this one would not see if it grew", size)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	long := f.logSize()
	f.appendLists(lists, &made)
	if size := f.logSize(); size > long+4<<20 {
		t.Errorf("afterwards it grew from %d to %d", long, size)
	}
}
