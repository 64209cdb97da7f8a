package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// crowd makes up processes whose names, countries and outcomes meet as often as those of real people do: few names are
// common, most are rare. The same number always gives the same processes.
type crowd struct {
	random      *rand.Rand
	first, last *rand.Zipf
	country     *rand.Zipf
	size        int
}

// Sizes of the vocabularies. A telephone book of a million has more rare surnames than common ones by far.
const (
	crowdFirst   = 30_000
	crowdLast    = 400_000
	crowdYears   = 5
	crowdBatch   = 10_000 // processes a transaction
	crowdVersion = "2"    // of what crowd makes: another one makes the files anew
)

func newCrowd(size int) *crowd { return crowdOf(rand.New(rand.NewPCG(1, uint64(size))), size) }

func crowdOf(r *rand.Rand, size int) *crowd {
	return &crowd{random: r, first: rand.NewZipf(r, 1.15, 8, crowdFirst-1), last: rand.NewZipf(r, 1.05, 30, crowdLast-1),
		country: rand.NewZipf(r, 1.2, 2, uint64(len(crowdCountries)-1)), size: size}
}

// crowdCountries are codes that the reference knows; a few come in two spellings, as Assure's own material has them.
var crowdCountries = strings.Fields(`NLD DEU NL POL NOR SWE DNK FIN BEL FRA ESP ITA DE PRT GBR IRL AUT CHE CZE SVK HUN ROU BGR GRC TUR UKR RUS LTU LVA EST
	HRV SVN SRB BIH MKD ALB MNE MDA BLR GEO ARM AZE KAZ UZB IND PAK BGD LKA NPL CHN JPN KOR VNM THA PHL IDN MYS SGP AUS NZL USA CAN MEX BRA ARG CHL
	COL PER ECU VEN BOL PRY URY CUB DOM HTI JAM TTO SUR GUY MAR DZA TUN LBY EGY SDN ETH ERI SOM KEN UGA TZA RWA BDI COD COG CMR NGA GHA CIV SEN MLI
	BFA NER TCD GIN SLE LBR TGO BEN GAB AGO ZMB ZWE MOZ MWI MDG ZAF NAM BWA LSO SWZ ISR PSE LBN SYR JOR IRQ IRN SAU YEM OMN ARE QAT BHR KWT AFG TJK
	KGZ TKM MNG KHM LAO MMR LUX MLT CYP ISL AND MCO SMR LIE FRO GRL CUW ABW BMU BHS BRB BLZ CRI SLV GTM HND NIC PAN FJI PNG WSM TON VUT SLB KIR PLW
	FSM MHL NRU TUV MUS SYC COM CPV GMB GNB GNQ STP DJI CAF SSD`)

var syllables = strings.Fields(`an ma mar jan ka lu jo el is ber hen sti pe to ra ni so li da vi ro ben ter sen mul schnei kow ski nov gar lo pez ro dri guez moh am med hus sein
	yil maz kaya de mir oz turk van den dijk vries bak ker vis ser smit mey er boer groot jon as ul rich wal ter os kar ling chen wang zhang petr ov iv`)

// word spells the number of a word: common words are short, as they are among people.
func word(n uint64) string {
	var b strings.Builder
	for n += uint64(len(syllables)); n > 0; n /= uint64(len(syllables)) {
		b.WriteString(syllables[n%uint64(len(syllables))])
	}
	s := b.String()
	return strings.ToUpper(s[:1]) + s[1:]
}

var (
	crowdStatus    = strings.Fields("accepted accepted accepted accepted accepted accepted rejected rejected inconclusive canceled canceled failed pending processing")
	crowdProviders = strings.Fields("onfido onfido onfido readid readid readid readid webid signicatvideoid signicatpictureid signicatfacetec eid connect")
	crowdTypes     = strings.Fields("documentPhoto documentPhoto mobile attended unattended substantial high")
)

func pick[T any](r *rand.Rand, values []T) T { return values[r.IntN(len(values))] }

// made is one process of a crowd: an answer of Assure, and what the index says of it.
type made struct {
	Envelope
	answer
	body  []byte
	entry entry
}

// next is the process that follows. Its entry is what reading its body would give, as far as a search goes, made without reading:
// a million are needed.
func (c *crowd) next(i int) made {
	r := c.random
	created := noon.AddDate(-crowdYears, 0, 0).Add(time.Duration(float64(crowdYears*365*24*time.Hour) * float64(i) / float64(c.size)))
	updated := created.Add(time.Duration(r.IntN(72*60)) * time.Minute)
	a := answer{processID: fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48)),
		provider: pick(r, crowdProviders), processType: pick(r, crowdTypes), status: pick(r, crowdStatus), created: created.UnixMilli(), updated: updated.UnixMilli()}
	m := made{answer: a, Envelope: Envelope{ProcessID: a.processID, DossierID: fmt.Sprintf("dossier-%08x", i/2), ExternalReference: fmt.Sprintf("order %d", i),
		WayIn: pick(r, []WayIn{ByListing, ByListing, ByListing, ByEvent, ByImport}), LastSeenUpstream: created}}
	p := evidence.Person{FirstName: word(c.first.Uint64()), LastName: word(c.last.Uint64()), Nationality: crowdCountries[c.country.Uint64()],
		DateOfBirth: fmt.Sprintf("%d-%02d-%02d", 1940+r.IntN(66), 1+r.IntN(12), 1+r.IntN(28)), PersonalNumber: fmt.Sprintf("%011d", r.Int64N(1e11))}
	p.IssuingCountry = p.Nationality
	if r.IntN(10) == 0 {
		p.IssuingCountry = crowdCountries[c.country.Uint64()]
	}
	p.DocumentNumber = fmt.Sprintf("%s%07d", p.IssuingCountry[:2], r.IntN(1e7))
	stated := p.LastName
	if r.IntN(20) == 0 {
		stated = word(c.last.Uint64())
	}
	m.body = fmt.Appendf(nil, `{"processId":%q,"provider":%q,"processType":%q,"status":%q,"createdAt":%q,"updatedAt":%q,"finalResult":{"firstName":%q,"lastName":%q,"dateOfBirth":%q,"documentNumber":%q,"personalIdentificationNumber":%q,"nationality":%q,"issuingCountry":%q,"documentType":"PASSPORT"},"providerSpecific":{"documents":[{"firstName":%q,"lastName":%q,"dateOfBirth":%q,"issuingCountry":%q}]}}`,
		a.processID, a.provider, a.processType, a.status, created.Format(time.RFC3339Nano), updated.Format(time.RFC3339Nano), p.FirstName, p.LastName, p.DateOfBirth,
		p.DocumentNumber, p.PersonalNumber, p.Nationality, p.IssuingCountry, p.FirstName, stated, p.DateOfBirth, p.IssuingCountry)
	m.index(r, p, stated)
	m.entry.head = m.head()
	return m
}

// head is what portal.db says of it once insert has kept it.
func (m *made) head() Head {
	sum := sha256.Sum256(m.body)
	at := sqlitedb.Instant(m.created)
	return Head{Envelope: m.Envelope, Version: 1, Versions: 1, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(m.body)), ReceivedAt: at, FirstSeenAt: at,
		Provider: m.provider, ProcessType: m.processType, Status: m.status, CreatedAt: at, UpdatedAt: sqlitedb.Instant(m.updated), FetchSeq: -1}
}

func (m *made) index(r *rand.Rand, p evidence.Person, stated string) {
	report := evidence.Report{Person: p, Fields: []evidence.Field{}}
	m.entry = entry{processID: m.processID, version: 1, mapping: evidence.MappingVersion, created: m.created, updated: m.updated, provider: m.provider,
		processType: m.processType, status: m.status, wayIn: string(m.WayIn), nationality: country(p.Nationality), country: country(p.IssuingCountry),
		relations: []string{"same", "single"}, words: nameWords([]string{p.FirstName, p.LastName, stated}), keys: keysOf(m.Envelope, report)}
	if stated != p.LastName {
		m.entry.relations, m.entry.severity = []string{"differs", "same", "single"}, 3
	}
	for _, code := range evidence.FindingCodes() {
		if r.IntN(40) == 0 {
			m.entry.findings = append(m.entry.findings, code)
			m.entry.severity = max(m.entry.severity, 1+r.IntN(3))
		}
	}
	m.entry.line = line{Person: p, HasFinalResult: true, WorstText: "The last name differs.", Fields: map[string]string{"firstName": p.FirstName, "lastName": p.LastName,
		"dateOfBirth": p.DateOfBirth, "nationality": p.Nationality, "documentType": "PASSPORT", "documentNumber": p.DocumentNumber, "issuingCountry": p.IssuingCountry,
		"personalIdentificationNumber": p.PersonalNumber}}
}

// crowdBuild is what loading a crowd took.
type crowdBuild struct{ snapshots, entries, open time.Duration } // zero: they were there

// openCrowd opens the store of a crowd in dir, made at the first time.
func openCrowd(t testing.TB, dir string, size int) (h *house, took crowdBuild) {
	t.Helper()
	h = &house{dir: filepath.Join(dir, crowdVersion+"-"+strconv.Itoa(size)), clock: &clock{at: noon}}
	must(t, os.MkdirAll(h.dir, 0o700))
	if _, err := os.Stat(filepath.Join(h.dir, "complete")); err != nil {
		took = h.make(t, size)
		must(t, os.WriteFile(filepath.Join(h.dir, "complete"), nil, 0o600))
	}
	h.trust(t)
	start := time.Now()
	h.open(t)
	took.open = time.Since(start)
	return h, took
}

// trust lets the index fit today's rules, whatever they were when the crowd was made: its entries were never read from bodies.
func (h *house) trust(t testing.TB) {
	files, err := filepath.Glob(filepath.Join(h.dir, "index-*.db"))
	must(t, err)
	for _, file := range files {
		x, err := openIndexFile(t.Context(), file, 0, false, slog.New(slog.DiscardHandler))
		must(t, err)
		_, err = x.db.Writer.ExecContext(t.Context(), `UPDATE origin SET rules = ?`, rules())
		must(t, errors.Join(err, x.close()))
	}
}

// make loads a crowd into an empty store, as a bulk load would: by transactions of crowdBatch.
func (h *house) make(t testing.TB, size int) (took crowdBuild) {
	h.open(t)
	defer h.close(t)
	x, err := h.acquire()
	must(t, err)
	defer x.users.Done()
	c := newCrowd(size)
	for i := 0; i < size; {
		batch := make([]made, 0, crowdBatch)
		for ; i < size && len(batch) < crowdBatch; i++ {
			batch = append(batch, c.next(i))
		}
		start := time.Now()
		revision := h.insert(t, batch)
		took.snapshots += time.Since(start)
		start = time.Now()
		ids, entries := make([]string, len(batch)), map[string]*entry{}
		for i := range batch {
			ids[i], entries[batch[i].processID] = batch[i].processID, &batch[i].entry
		}
		must(t, x.take(t.Context(), ids, entries, revision))
		took.entries += time.Since(start)
	}
	return took
}

// insert keeps snapshots that are known to be new.
func (h *house) insert(t testing.TB, batch []made) (revision int64) {
	must(t, h.portal.InTx(t.Context(), func(tx *sql.Tx) error {
		w := entryWriter{tx}
		var err error
		if revision, err = nextRevision(t.Context(), tx); err != nil {
			return err
		}
		for _, m := range batch {
			sum := sha256.Sum256(m.body)
			err := errors.Join(w.exec(t.Context(), `INSERT INTO process (process_id, dossier_id, external_reference, external_id, way_in, imported_by, first_seen_at,
				last_seen_at, gone_at, newest, status, final, created_at, updated_at, due_at, attempts, listed_status, listed_updated_at, revision)
				VALUES (?, ?, ?, '', ?, '', ?, ?, 0, 1, ?, ?, ?, ?, 0, 0, '', 0, ?)`, m.ProcessID, m.DossierID, m.ExternalReference, m.WayIn, m.created,
				m.created, m.status, m.final(), m.created, m.updated, revision),
				w.exec(t.Context(), `INSERT INTO snapshot (process_id, version, sha256, received_at, provider, process_type, status, created_at, updated_at, body)
				VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)`, m.ProcessID, sum[:], m.created, m.provider, m.processType, m.status, m.created, m.updated, m.body))
			if err != nil {
				return err
			}
		}
		return w.exec(t.Context(), `UPDATE store_state SET processes = processes + ? WHERE id = 1`, len(batch))
	}))
	return revision
}
