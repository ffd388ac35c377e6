/* SPDX-License-Identifier: MIT */
/*
 * Whole-program tests: a fresh directory, a tool run in it, and what came of it.
 *
 *     static void last_line_without_a_newline(void **state)
 *     {
 *         struct sandbox *box = *state;
 *         box_fill(box, "log", text("one\ntwo"));
 *         struct run r = box_run(box, "mtail", "-n", "1", "log", NULL);
 *         assert_run(&r, 0, "two", "");
 *     }
 *
 * Every function here ends the test (cmocka's fail) when it cannot do its work.
 * What they return belongs to the box and is freed with it, after the test.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

struct bytes {
    const void *data;
    size_t len;
};

/* text -- a string literal as bytes; it may hold NUL bytes. */
#define text(literal) ((struct bytes){(literal), sizeof(literal) - 1})

/* A page, and the library's window, bytes: edges that tests step over. */
#define PAGE   ((size_t)sysconf(_SC_PAGESIZE))
#define WINDOW ((size_t)32 << 20)

/* ---------------------------------------------------------------- directory */

/* One test's directory, under $TMPDIR or /tmp. */
struct sandbox;

int box_setup(void **state);
int box_teardown(void **state);

/* box_path -- the directory's absolute path, and that of a name in it. */
const char *box_path(struct sandbox *box, const char *name);

/* box_keep -- `len` bytes of memory that live as long as the box. */
void *box_keep(struct sandbox *box, size_t len);

/* box_format -- printf(3) into a string that lives as long as the box. */
__attribute__((format(printf, 2, 3))) char *box_format(struct sandbox *box, const char *format,
                                                       ...);

/* box_lines -- exactly `len` bytes of numbered lines, 16 bytes each; the last may be cut. */
struct bytes box_lines(struct sandbox *box, size_t len);

/* box_repeat -- `len` times the same byte. */
struct bytes box_repeat(struct sandbox *box, int byte, size_t len);

/* box_join -- a copy of two runs of bytes, one behind the other. */
struct bytes box_join(struct sandbox *box, struct bytes first, struct bytes second);

/* box_fill -- make or replace a file; box_append -- make it longer; box_load -- its content. */
void box_fill(struct sandbox *box, const char *name, struct bytes content);
void box_append(struct sandbox *box, const char *name, struct bytes content);
struct bytes box_load(struct sandbox *box, const char *name);

void box_directory(struct sandbox *box, const char *name);
void box_fifo(struct sandbox *box, const char *name);
void box_link(struct sandbox *box, const char *target, const char *name);
void box_mode(struct sandbox *box, const char *name, mode_t mode);
void box_time(struct sandbox *box, const char *name, time_t mtime);
void box_truncate(struct sandbox *box, const char *name, off_t len);
void box_rename(struct sandbox *box, const char *from, const char *to);

/* box_exists -- is there anything of that name?  A dangling link counts. */
bool box_exists(struct sandbox *box, const char *name);

/* --------------------------------------------------------------------- runs */

/* How a run differs from: no input, both outputs into pipes that are read to the end. */
struct how {
    struct bytes in;     /* standard input is a pipe that delivers these bytes */
    bool in_pipe;        /* a pipe, even for no bytes */
    bool in_held;        /* ... and it stays open until process_hang_up() */
    const char *in_file; /* standard input is this file ... */
    off_t in_offset;     /* ... standing here */
    bool in_closed;
    enum { OUT_PIPE, OUT_FILE, OUT_FULL, OUT_CLOSED, OUT_GONE, OUT_HELD, OUT_TERMINAL } out;
    /*
     * OUT_FILE: standard output is the file out_file.  OUT_FULL: /dev/full.
     * OUT_GONE: a pipe whose reader leaves after out_bytes bytes, which are all
     * that the run shows.  OUT_HELD: a pipe that is not read before process_release().
     * OUT_TERMINAL: a terminal, which passes all bytes on as they are.
     */
    const char *out_file;
    bool out_append;
    size_t out_bytes;
    bool err_terminal;              /* standard error is a terminal likewise */
    bool pipe_ignored;              /* SIGPIPE is ignored, as under some parents */
    const char *locale;             /* LC_ALL; C.UTF-8 when NULL */
    const char *const *environment; /* more NAME=value, up to NULL */
};

struct run {
    const char *command; /* to be shown */
    int status;          /* exit status, or 128 + signal */
    const char *out;     /* followed by a NUL byte that is not counted */
    size_t out_len;
    const char *err;
    size_t err_len;
    off_t in_offset; /* where a file as standard input was left */
};

/*
 * box_run -- run a tool in the box's directory; arguments up to NULL.
 *
 * A name without a slash is one of our tools, from $MMUTILS_BIN or the build.
 * A run that takes longer than 20 seconds is killed and fails the test.
 */
__attribute__((sentinel)) struct run box_run(struct sandbox *box, const char *tool, ...);
__attribute__((sentinel)) struct run box_run_with(struct sandbox *box, const struct how *how,
                                                  const char *tool, ...);

/* assert_run -- status, standard output and standard error, all three. */
#define assert_run(run, status, out, err)                                                          \
    assert_run_at(run, status, (struct bytes){(out), strlen(out)}, err, __FILE__, __LINE__)
#define assert_run_bytes(run, status, out, err)                                                    \
    assert_run_at(run, status, out, err, __FILE__, __LINE__)
void assert_run_at(const struct run *run, int status, struct bytes out, const char *err,
                   const char *file, int line);

/* run_begins -- cut what a run printed to the length of `begin`, to compare only that. */
struct run run_begins(struct run run, const char *begin);

/* assert_bytes -- two runs of bytes are the same. */
#define assert_bytes(actual, expected) assert_bytes_at(actual, expected, __FILE__, __LINE__)
void assert_bytes_at(struct bytes actual, struct bytes expected, const char *file, int line);

/* skip_aloud -- say why this cannot be tested here, and leave the test. */
#define skip_aloud(reason)                                                                         \
    do {                                                                                           \
        print_message("skipped: %s\n", reason);                                                    \
        skip();                                                                                    \
    } while (0)

/* ---------------------------------------------------------------- processes */

/* A run that goes on while the test does something. */
struct process;

__attribute__((sentinel)) struct process *box_start(struct sandbox *box, const struct how *how,
                                                    const char *tool, ...);

pid_t process_id(const struct process *process);

/* process_expect -- wait until everything printed so far is this, or fail. */
void process_expect(struct process *process, const char *out, const char *err);

/* process_blocked -- wait until it sleeps, and where `OUT_HELD` its pipe holds bytes. */
void process_blocked(struct process *process);

void process_feed(struct process *process, struct bytes in);
void process_hang_up(struct process *process);
void process_release(struct process *process);
void process_signal(struct process *process, int signal);

/* process_end -- read the outputs to their ends and wait. */
struct run process_end(struct process *process);

/* --------------------------------------------------------------------- main */

/* TEST -- a row of the table of tests: in its own box. */
#define TEST(function) cmocka_unit_test_setup_teardown(function, box_setup, box_teardown)

/*
 * run_named -- main's work: every test, or the one named by the first argument;
 * --list prints their names.
 */
#define run_named(argc, argv, tests)                                                               \
    run_named_of(argc, argv, tests, sizeof(tests) / sizeof((tests)[0]))
int run_named_of(int argc, char **argv, const struct CMUnitTest *tests, size_t count);

#endif
