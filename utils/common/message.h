/* SPDX-License-Identifier: MIT */
/* What every tool says and how it starts and ends. */
#ifndef COMMON_MESSAGE_H
#define COMMON_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * start -- to be called first by main: the tool's name for messages, the locale,
 * and descriptors 0 to 2 all open, so that no file lands on them.
 *
 * A closed standard descriptor is opened on /dev/null the wrong way round: using
 * it still fails with EBADF.
 */
void start(const char *tool);

/* tool_name -- as given to start(). */
const char *tool_name(void);

/* Standard input, or output, was closed when the program started. */
extern bool input_was_closed;
extern bool output_was_closed;

/* What message() calls first, so that output and messages keep their order; NULL for nothing. */
extern void (*before_message)(void);

/*
 * What takes a line of progress off the terminal, for message() and a stream to call before they
 * write there; NULL while there is none.
 */
extern void (*clear_line)(void);

/* Where messages go, whole lines, instead of to standard error; NULL: nowhere else. */
extern void (*message_to)(const char *text, size_t len);

/* message_pass -- put a line on standard error that message_to() took in another process. */
void message_pass(const char *text, size_t len);

/* message -- one line on standard error: "tool: " and the text.  Nothing is returned. */
__attribute__((format(printf, 1, 2))) void message(const char *format, ...);

/* message_name -- "tool: name: reason"; `error` is an errno value, either sign. */
void message_name(const char *name, int error);

/* xfail -- message, then exit with `status`. */
__attribute__((format(printf, 2, 3), noreturn)) void xfail(int status, const char *format, ...);

/*
 * quote -- a name as coreutils print it: bare when harmless, else as a shell word.
 * quote_always -- in quotes in any case ('name').
 * quote_controls -- bare unless it holds something that a terminal would obey,
 * for tools whose peer does not quote.
 *
 * The text is valid until the eighth call after.
 */
const char *quote(const char *name);
const char *quote_always(const char *name);
const char *quote_controls(const char *name);

/* Memory or the end: "tool: memory exhausted", with the status set by exit_trouble. */
void *xmalloc(unsigned long size);
void *xrealloc(void *old, unsigned long size);
char *xstrdup(const char *s);

/* The status of an end by trouble: 1, or 2 where 1 means something else. */
extern int exit_trouble;

#endif
