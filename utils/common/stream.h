/* SPDX-License-Identifier: MIT */
/*
 * The output stream: a private buffer in front of a descriptor that is not
 * mapped (standard output, always).  What is put is copied first and checked
 * against its source before it is written, so that zeroes which stand in for the
 * lost pages of a file that shrank are never written.
 *
 * Trouble with the output ends the program: "tool: write error: reason" (or in the peer's words,
 * stream_trouble) and exit status exit_trouble.  Trouble with the source drops what the source put
 * since the last successful flush, and everything it puts after; stream_end() tells.
 */
#ifndef COMMON_STREAM_H
#define COMMON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmm/mm.h>

struct stream;

/* What is said when the output fails, before ": reason"; the peers differ. */
extern const char *stream_trouble;

/* stream_open -- for descriptor `fd`, which stays the caller's.  Ends the program without memory.
 */
struct stream *stream_open(int fd);

/*
 * stream_divert -- what is to be written goes to `to` instead, at most 128 KiB at a time.
 *
 * For a process that was forked: what is in the buffer is its parent's, and is dropped.
 */
void stream_divert(struct stream *stream, void (*to)(const void *data, size_t len));

/* stream_from -- what is put from now on was taken from `source` (NULL: from nowhere). */
void stream_from(struct stream *stream, struct mm_scan *source);

/* stream_put -- append bytes. */
void stream_put(struct stream *stream, const void *data, size_t len);

/*
 * stream_give -- append bytes that nobody will store into again, as long as somebody may hold
 * their pages: a pipe takes the pages themselves.
 *
 * The memory may be unmapped at once.  The bytes were not taken from a source.
 */
void stream_give(struct stream *stream, const void *data, size_t len);

/* stream_byte -- append one byte. */
void stream_byte(struct stream *stream, unsigned char byte);

#define STREAM_ROOM ((size_t)64 << 10)

/*
 * stream_room -- `want` bytes of buffer to be filled by the caller, at most STREAM_ROOM;
 * stream_filled -- that many of them were.
 */
unsigned char *stream_room(struct stream *stream, size_t want);
void stream_filled(struct stream *stream, size_t len);

/* stream_count -- how many bytes were put so far, but for those whose source lost them. */
uint64_t stream_count(const struct stream *stream);

/* stream_flush -- check and write what is buffered.  Returns 0 or the source's error. */
int stream_flush(struct stream *stream);

/*
 * stream_pages -- write a view of the source, without a copy where the output is a
 * pipe or a file and the view is a file's own pages.  What a file took of pages that were lost
 * meanwhile is cut off again.
 *
 * `left` is how many bytes of the source follow the view, as a rule to be put too: the last
 * pipe-full is copied and written, so that the reader has taken every page that was handed
 * over by the time that stream_end() asks for the file's state.  Where less follows, that waits
 * for the reader.
 *
 * Returns 0 or the source's error.
 */
int stream_pages(struct stream *stream, const struct mm_view *view, uint64_t left);

/* stream_copies -- never hand over a file's own pages: --no-splice, -u. */
void stream_copies(struct stream *stream);

/*
 * stream_help -- where much is put into a pipe, a thread may make the buffers ready.
 *
 * Not for a process that forks.
 */
void stream_help(struct stream *stream);

/*
 * stream_end -- check what the source put, drop it if it was lost, and part from
 * the source.  What is good may stay in the buffer.
 *
 * Returns 0 or the source's error.
 */
int stream_end(struct stream *stream);

/* stream_close -- flush and close the descriptor, reporting trouble.  Frees the stream. */
void stream_close(struct stream *stream);

#endif
