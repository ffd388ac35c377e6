/* SPDX-License-Identifier: MIT */
/*
 * libmm -- files through memory mappings.
 *
 * Conventions.  A function that can fail returns 0 or -errno; outputs come last
 * and are untouched on failure.  Nothing here prints, exits, or keeps a
 * descriptor that it was lent longer than said.  Every close function takes
 * NULL.  Length 0 is valid and makes an empty map.
 *
 * Errors that mean more here than in errno(3), see mm_strerror():
 *   -ESTALE   the file shrank while it was mapped
 *   -EIO      the medium failed under a mapping
 *   -ENOSPC   no room was left for a store into a shared file mapping
 *   -ENOMEM   no memory, or no address space, for a mapping of that size
 *
 * Threads.  Different objects may be used by different threads at once.  One
 * object belongs to one thread at a time, except that the bytes of a map may be
 * read and written by any number of threads while it stays open.
 */
#ifndef LIBMM_MM_H
#define LIBMM_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* ------------------------------------------------------------------ errors */

/*
 * mm_strerror -- the text for an error that a libmm function returned.
 *
 * `error` is the negative value as returned.  The text has no final newline and
 * no full stop.  It is valid until the thread's next call.
 */
const char *mm_strerror(int error);

/* What happened under a mapping. */
struct mm_fault {
    int error;       /* -ESTALE, -EIO or -ENOSPC; 0: nothing happened */
    uint64_t offset; /* of the first lost byte: in the file, or in an anonymous map */
};

/* ------------------------------------------------------------------- guard */

/*
 * mm_guard_install -- turn SIGBUS in libmm's mappings into errors.
 *
 * Called by the first mm_map_file(); a program calls it again only after it
 * installed a SIGBUS handler of its own, which libmm's then passes on to.  A
 * fault inside a map puts zero pages of the process's own where the lost pages
 * were, marks the map (mm_map_fault) and lets the access go on, in any thread
 * and inside any library that reads the map.  A fault anywhere else goes to the
 * handler that stood before, or ends the process as before.
 *
 * Returns 0 or -errno of sigaction(2).
 */
int mm_guard_install(void);

/* --------------------------------------------------------------------- map */

/* One mapping, of a window of a file or of anonymous memory. */
struct mm_map;

#define MM_MAP_WRITE 0x01u     /* stores allowed, beside loads */
#define MM_MAP_EXEC 0x02u      /* execution allowed */
#define MM_MAP_SHARED 0x04u    /* stores reach the file, or children; default: private */
#define MM_MAP_NORESERVE 0x08u /* commit no memory before it is touched */
#define MM_MAP_NOACCESS 0x10u  /* address space only: neither loads nor stores */
#define MM_MAP_ZERO 0x20u      /* anonymous memory from /dev/zero */

/*
 * mm_map_file -- map `len` bytes of a file from byte `off` on.
 *
 * `off` need not be aligned.  `fd` is lent for as long as the map is open: it
 * tells afterwards why a page was lost.  Bytes behind the end of the file may be
 * mapped; touching a page that holds none of the file is a fault (see guard).
 *
 * Returns 0, or -EACCES, -EBADF, -ENODEV, -EINVAL, -EOVERFLOW, -ENOMEM as mmap(2) does.
 */
int mm_map_file(int fd, uint64_t off, size_t len, unsigned flags, struct mm_map **map);

/*
 * mm_map_anonymous -- map `len` bytes of zeroes that belong to no file.
 *
 * Readable, and writable whatever `flags` say unless MM_MAP_NOACCESS is among
 * them.  With MM_MAP_SHARED a child of fork(2) sees the same bytes.
 *
 * Returns 0, or -ENOMEM, -EINVAL; with MM_MAP_ZERO those of opening /dev/zero.
 */
int mm_map_anonymous(size_t len, unsigned flags, struct mm_map **map);

/* mm_map_close -- unmap, and forget.  Every pointer into the map ends here. */
void mm_map_close(struct mm_map *map);

/* mm_map_data -- the first byte asked for; of an empty map, a valid pointer to nothing. */
unsigned char *mm_map_data(const struct mm_map *map);

/* mm_map_len -- how many bytes were asked for. */
size_t mm_map_len(const struct mm_map *map);

/*
 * mm_map_slide -- let a file map show another window, of the same or another file.
 *
 * What was mapped before is gone, also its fault; the address stays where it was
 * when the new window fits in the old one's pages, and costs one system call then.
 *
 * Returns as mm_map_file.  On failure the map is empty.
 */
int mm_map_slide(struct mm_map *map, int fd, uint64_t off, size_t len);

/*
 * mm_map_resize -- make a map longer or shorter at its end; the data may move.
 *
 * A file map's window grows in the file, an anonymous private map grows zeroes.
 * The pages that stay mapped are not touched again.  A shared anonymous map
 * cannot grow: its memory has the size that it was made with.
 *
 * Returns 0, or -ENOMEM, or -EINVAL for an empty map or a shared anonymous one
 * that is to grow; the map is as it was then.
 */
int mm_map_resize(struct mm_map *map, size_t len);

/* What mm_map_advise() takes; what each does is in madvise(2). */
enum mm_advice {
    MM_ADVICE_NORMAL,
    MM_ADVICE_RANDOM,
    MM_ADVICE_SEQUENTIAL,
    MM_ADVICE_WILLNEED,
    MM_ADVICE_DONTNEED,
    MM_ADVICE_POPULATE_READ,
    MM_ADVICE_POPULATE_WRITE,
    MM_ADVICE_COLD,
    MM_ADVICE_PAGEOUT,
    MM_ADVICE_HUGEPAGE,
};

/*
 * mm_map_advise -- tell the kernel how `len` bytes from `off` on will be used.
 *
 * `off` and `len` count in the map; the advice goes to the pages that hold them.
 * Advice that this kernel does not know is not an error.
 *
 * Returns 0, or -ENOMEM, -EINVAL for bytes outside of the map; for the two
 * POPULATE advices also -EFAULT or -EHWPOISON for a page that cannot be had.
 */
int mm_map_advise(struct mm_map *map, size_t off, size_t len, enum mm_advice advice);

#define MM_SYNC_ASYNC 0x1u      /* hand the dirty pages on, wait for nothing */
#define MM_SYNC_WAIT 0x2u       /* return when they are on the medium */
#define MM_SYNC_INVALIDATE 0x4u /* other mappings of the file see what was stored */

/*
 * mm_map_sync -- pass what was stored in `len` bytes from `off` on to the file.
 *
 * Returns 0, or -EIO, -ENOMEM, -EBUSY as msync(2) does, -EINVAL for bytes
 * outside of the map or contradicting flags.
 */
int mm_map_sync(struct mm_map *map, size_t off, size_t len, unsigned flags);

/*
 * mm_map_zero -- show zeroes of the process's own in place of whole pages.
 *
 * For the holes of a file: a load from a hole of a tmpfs file would allocate.
 * Only the pages that lie wholly inside the `len` bytes from `off` on change.
 * They are read-only, and a mm_map_slide() takes them away again.
 *
 * Returns 0, or -ENOMEM, -EINVAL for bytes outside of the map.
 */
int mm_map_zero(struct mm_map *map, size_t off, size_t len);

/*
 * mm_map_fault -- what was lost under the map since it was made or last slid.
 *
 * Returns fault->error: 0 when nothing was lost, or the cause.  The descriptor
 * that the map was made from is asked for the cause.
 */
int mm_map_fault(const struct mm_map *map, struct mm_fault *fault);

/* -------------------------------------------------------------------- ring */

/* A buffer whose end is followed by its beginning: what wraps is contiguous. */
struct mm_ring;

/*
 * mm_ring_new -- make a ring of at least `size` bytes, rounded up to pages.
 *
 * The memory is shared with children of fork(2), the positions too: one side
 * may produce while the other consumes.
 *
 * Returns 0 or -ENOMEM.
 */
int mm_ring_new(size_t size, struct mm_ring **ring);

void mm_ring_free(struct mm_ring *ring);

size_t mm_ring_size(const struct mm_ring *ring);

/* mm_ring_space -- where the producer writes, and how much fits there in one run. */
unsigned char *mm_ring_space(const struct mm_ring *ring, size_t *len);

/* mm_ring_produce -- `len` bytes were written to the space. */
void mm_ring_produce(struct mm_ring *ring, size_t len);

/* mm_ring_data -- the bytes produced and not yet consumed, in one run. */
const unsigned char *mm_ring_data(const struct mm_ring *ring, size_t *len);

/* mm_ring_consume -- the first `len` bytes of the data are done with. */
void mm_ring_consume(struct mm_ring *ring, size_t len);

/* -------------------------------------------------------------------- scan */

/*
 * One sliding window over one input after the other: over a regular file or a
 * block device by mapping, over anything that cannot be mapped (pipe, terminal,
 * socket, FIFO, most of /proc and /sys) by reading into a ring.  Either way the
 * caller sees one contiguous run of bytes that begins at the first byte it has
 * not consumed.
 *
 *     mm_scan_open(scan, fd, 0);
 *     while ((r = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
 *         use(view.data, view.len);
 *         mm_scan_consume(scan, view.len);
 *     }
 *
 * Bytes of a view are vouched for by the next mm_scan_more() or mm_scan_check()
 * that returns 0: until then a file that shrinks may have put zeroes there.
 */
struct mm_scan;

struct mm_view {
    const unsigned char *data;
    size_t len;
};

#define MM_SCAN_WINDOW ((size_t)32 << 20)    /* the default window of a file, bytes */
#define MM_SCAN_HERE UINT64_MAX              /* start where the descriptor stands */

/*
 * mm_scan_new -- a scan without an input yet.
 *
 * `window` is how much of a file is mapped at a time, in bytes; 0 is the default.
 *
 * Returns 0 or -ENOMEM.
 */
int mm_scan_new(size_t window, struct mm_scan **scan);

/*
 * mm_scan_open -- take `fd` as the input, from byte `start` on.
 *
 * `fd` is lent until the next mm_scan_open(), mm_scan_close() or mm_scan_free().
 * Its own offset is left alone, but for a stream, which is read.  A stream
 * starts where it is, whatever `start` says.  The input before is closed first,
 * but its address range is used again.
 *
 * Returns 0, or -EISDIR, -ENOMEM, or what fstat(2) and mmap(2) say.
 */
int mm_scan_open(struct mm_scan *scan, int fd, uint64_t start);

/*
 * mm_scan_close -- let go of the input.
 *
 * Views end here; the fault and the status stay until the next mm_scan_open().
 */
void mm_scan_close(struct mm_scan *scan);

void mm_scan_free(struct mm_scan *scan);

/*
 * mm_scan_more -- make at least `want` unconsumed bytes addressable.
 *
 * On return *view holds every byte from the first unconsumed one to the end of
 * the window; it is shorter than `want` only at the end of input.  The view is
 * valid until the next call on this scan that may move it: mm_scan_more,
 * mm_scan_seek, mm_scan_open, mm_scan_close, mm_scan_free.
 *
 * At the end of input the file is asked for its size again, or the stream read
 * again: a later call may find more.  To take in a line that does not fit, call
 * with want = view.len + 1 until there is an end of line or the view stays.
 *
 * Returns 0, or -ENOMEM when a window of that size cannot be mapped, -EIO when
 * the medium failed, -ESTALE when the file shrank below what was already shown;
 * mm_scan_fault() has the offset.  For a stream, what read(2) says.
 */
int mm_scan_more(struct mm_scan *scan, size_t want, struct mm_view *view);

/* mm_scan_consume -- the first `len` bytes of the last view are done with. */
void mm_scan_consume(struct mm_scan *scan, size_t len);

/*
 * mm_scan_seek -- go on at byte `off` of the file.
 *
 * Returns 0, -ESPIPE for a stream, or as mm_scan_check: what was seen is checked.
 */
int mm_scan_seek(struct mm_scan *scan, uint64_t off);

/*
 * mm_scan_check -- were all bytes of the views so far really the file's?
 *
 * To be asked before anything taken from a view is published.  A failure stays
 * until the next mm_scan_open().  Always 0 for a stream.
 *
 * Returns 0, or -ESTALE, -EIO.
 */
int mm_scan_check(struct mm_scan *scan);

/* mm_scan_offset -- of the first unconsumed byte, counted in the file (or in the stream read). */
uint64_t mm_scan_offset(const struct mm_scan *scan);

/* mm_scan_size -- the file's size as last asked; 0 for a stream. */
uint64_t mm_scan_size(const struct mm_scan *scan);

/* mm_scan_mapped -- views are pages of a file, not of a ring. */
bool mm_scan_mapped(const struct mm_scan *scan);

/*
 * mm_scan_hole -- does the first unconsumed byte begin a hole?
 *
 * *len is how many bytes the hole goes on for, or, when the answer is no, the
 * data; it may be more than a view holds, and mm_scan_seek() goes past it.  Where
 * nobody can tell, all that is left is data, of a stream UINT64_MAX bytes.  A
 * view shows a hole as zeroes without touching the file.
 */
bool mm_scan_hole(const struct mm_scan *scan, uint64_t *len);

/* mm_scan_stat -- what fstat(2) said of the input when it was opened. */
const struct stat *mm_scan_stat(const struct mm_scan *scan);

/* mm_scan_fault -- what mm_scan_check() found; fault->error is 0 for nothing. */
void mm_scan_fault(const struct mm_scan *scan, struct mm_fault *fault);

/* ------------------------------------------------------------------ output */

/*
 * A file being written through shared mappings, in order.  Room is reserved
 * before a byte is stored; what is good is committed window by window; the file
 * appears under its name complete (publish) or not at all (close).
 */
struct mm_output;

struct mm_span {
    unsigned char *data;
    size_t len;
};

#define MM_OUTPUT_REPLACE 0x1u /* publish over an existing name; else -EEXIST */

/*
 * mm_output_new -- begin a new file that is to be `name` in `dirfd`.
 *
 * `name` may have directories in it; the string is copied, `dirfd` is lent until
 * the close.  The file is built without a name where the file system can
 * (O_TMPFILE), else under a hidden one in the same directory.  `mode` is subject
 * to the umask, as in open(2).
 *
 * Returns 0, or -ENOMEM, or what open(2) says.
 */
int mm_output_new(int dirfd, const char *name, mode_t mode, unsigned flags,
                  struct mm_output **output);

/*
 * mm_output_open -- write over the file that `fd` is, from its first byte on.
 *
 * `fd` must be open for reading and writing and is lent until the close.  The
 * file is emptied; its size then runs at most a window ahead of what is
 * committed, publish trims it there, and so does a close without publish.
 *
 * Returns 0, or -ENOMEM, or what ftruncate(2) says.
 */
int mm_output_open(int fd, struct mm_output **output);

/*
 * mm_output_reserve -- make sure that `len` bytes from `off` on have room on the medium.
 *
 * A file system that cannot reserve is not an error: lack of room is then found
 * by mm_output_window() or mm_output_commit().
 *
 * Returns 0, or -ENOSPC, -EDQUOT, -EFBIG.
 */
int mm_output_reserve(struct mm_output *output, uint64_t off, uint64_t len);

/*
 * mm_output_window -- up to `want` bytes to store into, at the end of what is committed.
 *
 * The span is at most a window long and valid until the next call on this output.
 *
 * Returns 0, or -ENOSPC, -EDQUOT, -EFBIG, -EIO, -ENOMEM.
 */
int mm_output_window(struct mm_output *output, size_t want, struct mm_span *span);

/*
 * mm_output_commit -- the first `len` bytes of the span are good.
 *
 * They are handed on with MS_ASYNC when the window is full.
 *
 * Returns 0, or -ENOSPC, -EIO for bytes that the file system did not take.
 */
int mm_output_commit(struct mm_output *output, size_t len);

/* mm_output_skip -- leave a hole of `len` bytes.  Returns as mm_output_commit. */
int mm_output_skip(struct mm_output *output, uint64_t len);

/* mm_output_fd -- the file's descriptor, for its attributes; lent until the close. */
int mm_output_fd(const struct mm_output *output);

/* mm_output_committed -- how many bytes are good so far. */
uint64_t mm_output_committed(const struct mm_output *output);

/*
 * mm_output_publish -- trim to what is committed, and give the file its name.
 *
 * `sync`: wait until the bytes, the size and the name are on the medium.
 *
 * Returns 0, or -EEXIST, -EIO, or what linkat(2), renameat(2), fsync(2) say.
 */
int mm_output_publish(struct mm_output *output, bool sync);

/* mm_output_close -- forget; what was not published is gone, or trimmed to what is committed. */
void mm_output_close(struct mm_output *output);

/* ----------------------------------------------------------------- version */

/* mm_version -- of the library that is linked, "MAJOR.MINOR.PATCH". */
const char *mm_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
