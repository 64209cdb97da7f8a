/* Runs the statements of a file with the SQLite library of the system and tells how long each group of them took, so that
 * a measurement can set the portal's own engine beside it on the same files in the same run.
 *
 *   probe ROUNDS COMPILE STATEMENTS DB...
 *
 * COMPILE is "each" (every statement is compiled each time, as a search does) or "once" (as an ingest does). STATEMENTS is a
 * sequence of: group, number of the DB, number of arguments, then the text and each argument as a kind ('t' text, 'b' blob,
 * 'i' integer, 'n' null), a length and bytes; numbers are 32 bits, little-endian. It prints a line "group nanoseconds" a group and round. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_open(const char *, sqlite3 **);
int sqlite3_exec(sqlite3 *, const char *, void *, void *, char **);
int sqlite3_prepare_v2(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
int sqlite3_bind_text(sqlite3_stmt *, int, const char *, int, void *);
int sqlite3_bind_int64(sqlite3_stmt *, int, long long);
int sqlite3_bind_blob(sqlite3_stmt *, int, const void *, int, void *);
int sqlite3_bind_null(sqlite3_stmt *, int);
int sqlite3_step(sqlite3_stmt *);
int sqlite3_reset(sqlite3_stmt *);
int sqlite3_finalize(sqlite3_stmt *);
int sqlite3_column_count(sqlite3_stmt *);
const void *sqlite3_column_blob(sqlite3_stmt *, int);
int sqlite3_column_bytes(sqlite3_stmt *, int);
const char *sqlite3_errmsg(sqlite3 *);
enum { OK = 0, ROW = 100, DONE = 101, MAX_ARGS = 32, MAX_DBS = 4, MAX_TEXTS = 64 };

struct value { char kind; unsigned length; const char *bytes; };
struct statement { unsigned group, db, args; struct value text, arg[MAX_ARGS]; };

static sqlite3 *dbs[MAX_DBS];
static struct { const char *text; unsigned db; sqlite3_stmt *compiled; } kept[MAX_TEXTS];
static volatile long sink;

static void fail(const char *what) { fprintf(stderr, "probe: %s\n", what); exit(1); }

static unsigned number(const char **at) {
  unsigned n;
  memcpy(&n, *at, 4);
  *at += 4;
  return n;
}

static struct value value(const char **at) {
  struct value v;
  v.kind = *(*at)++;
  v.length = number(at);
  v.bytes = *at;
  *at += v.length;
  return v;
}

static struct statement next(const char **at) {
  struct statement s;
  s.group = number(at), s.db = number(at), s.args = number(at);
  if (s.args > MAX_ARGS || s.db >= MAX_DBS) fail("a statement is beyond the bounds");
  s.text = value(at);
  for (unsigned i = 0; i < s.args; i++) s.arg[i] = value(at);
  return s;
}

static sqlite3_stmt *compile(const struct statement *s) {
  sqlite3_stmt *compiled;
  if (sqlite3_prepare_v2(dbs[s->db], s->text.bytes, s->text.length, &compiled, NULL) != OK) fail(sqlite3_errmsg(dbs[s->db]));
  return compiled;
}

static sqlite3_stmt *compile_once(const struct statement *s) {
  for (int i = 0; i < MAX_TEXTS; i++) {
    if (!kept[i].text) {
      char *copy = malloc(s->text.length + 1);
      memcpy(copy, s->text.bytes, s->text.length), copy[s->text.length] = 0;
      kept[i].text = copy, kept[i].db = s->db, kept[i].compiled = compile(s);
    }
    if (kept[i].db == s->db && strlen(kept[i].text) == s->text.length && !memcmp(kept[i].text, s->text.bytes, s->text.length)) return kept[i].compiled;
  }
  fail("too many texts");
  return NULL;
}

static void run(const struct statement *s, int once) {
  sqlite3_stmt *compiled = once ? compile_once(s) : compile(s);
  for (unsigned i = 0; i < s->args; i++) {
    const struct value *v = &s->arg[i];
    if (v->kind == 'n') sqlite3_bind_null(compiled, i + 1);
    else if (v->kind == 'i') sqlite3_bind_int64(compiled, i + 1, strtoll(v->bytes, NULL, 10));
    else if (v->kind == 'b') sqlite3_bind_blob(compiled, i + 1, v->bytes, v->length, NULL);
    else sqlite3_bind_text(compiled, i + 1, v->bytes, v->length, NULL);
  }
  int code;
  while ((code = sqlite3_step(compiled)) == ROW)
    for (int i = sqlite3_column_count(compiled) - 1; i >= 0; i--) {
      const char *bytes = sqlite3_column_blob(compiled, i);
      if (sqlite3_column_bytes(compiled, i)) sink += *bytes;
    }
  if (code != DONE) fail(sqlite3_errmsg(dbs[s->db]));
  if (once) sqlite3_reset(compiled); else sqlite3_finalize(compiled);
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* without the time that other programs took */
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc < 5) fail("usage: probe ROUNDS COMPILE STATEMENTS DB...");
  for (int i = 4; i < argc && i - 4 < MAX_DBS; i++) {
    if (sqlite3_open(argv[i], &dbs[i - 4]) != OK) fail("a file does not open");
    sqlite3_exec(dbs[i - 4], "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8192; PRAGMA busy_timeout=5000; PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
  }
  FILE *file = fopen(argv[3], "rb");
  if (!file) fail("no statements");
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *all = malloc(size + 1);
  if (fread(all, 1, size, file) != (size_t)size) fail("the statements cannot be read");
  all[size] = 0;
  for (int round = atoi(argv[1]); round > 0; round--) {
    const char *at = all;
    while (at < all + size) {
      struct statement s = next(&at);
      unsigned group = s.group;
      long long begin = now();
      for (;;) {
        run(&s, !strcmp(argv[2], "once"));
        const char *peek = at;
        if (at >= all + size || number(&peek) != group) break;
        s = next(&at);
      }
      printf("%u %lld\n", group, now() - begin);
    }
  }
  return 0;
}
