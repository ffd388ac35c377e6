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
 *   -ENOLCK   locking so much would pass RLIMIT_MEMLOCK
 *   -EBUSY    the map is pinned: somebody holds a pointer into it
 *
 * Threads.  Different objects may be used by different threads at once.  One
 * object belongs to one thread at a time, except that the bytes of a map may be
 * read and written, and the map pinned and unpinned, by any number of threads
 * while it stays open, and that the two sides of a ring may be two threads.
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
 * `error` is the negative value as returned.  For -ENOMEM the text says how the
 * kernel overcommits memory now, for -ENOLCK how much may be locked.  It has no
 * final newline and no full stop, and is valid until the thread's next call.
 */
const char *mm_strerror(int error);

/* What happened under a mapping. */
struct mm_fault {
    int error;       /* -ESTALE, -EIO, -ENOSPC or -EDQUOT; 0: nothing happened */
    uint64_t offset; /* of the first lost byte, in the file */
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
 * handler that stood before, or ends the process as before.  Anonymous maps lose
 * nothing and are not watched.
 *
 * Returns 0 or -errno of sigaction(2).
 */
int mm_guard_install(void);

/* --------------------------------------------------------------------- map */

/* One mapping, of a window of a file or of anonymous memory. */
struct mm_map;

#define MM_MAP_WRITE     0x01u /* stores allowed, beside loads */
#define MM_MAP_EXEC      0x02u /* execution allowed */
#define MM_MAP_SHARED    0x04u /* stores reach the file, or children; default: private */
#define MM_MAP_NORESERVE 0x08u /* commit no memory before it is touched */
#define MM_MAP_NOACCESS  0x10u /* address space only: neither loads nor stores */
#define MM_MAP_ZERO      0x20u /* anonymous memory from /dev/zero */
#define MM_MAP_FENCED    0x40u /* anonymous memory between two pages that nobody may touch */

/*
 * mm_map_file -- map `len` bytes of a file from byte `off` on.
 *
 * `off` need not be aligned.  `fd` is lent for as long as the map is open: it
 * tells afterwards why a page was lost.  Bytes behind the end of the file may be
 * mapped; touching a page that holds none of the file is a fault (see guard).
 *
 * Returns 0, or -EINVAL for other flags than the first five above, or -EACCES,
 * -EBADF, -ENODEV, -EPERM, -EOVERFLOW, -ENOMEM as mmap(2) does.
 */
int mm_map_file(int fd, uint64_t off, size_t len, unsigned flags, struct mm_map **map);

/*
 * mm_map_anonymous -- map `len` bytes of zeroes that belong to no file.
 *
 * Readable, and writable whatever `flags` say unless MM_MAP_NOACCESS is among
 * them.  With MM_MAP_SHARED a child of fork(2) sees the same bytes.
 *
 * Returns 0, or -ENOMEM, -EINVAL for unknown flags; with MM_MAP_ZERO those of
 * opening /dev/zero.
 */
int mm_map_anonymous(size_t len, unsigned flags, struct mm_map **map);

/* mm_map_close -- unmap, and forget.  Every pointer into the map ends here. */
void mm_map_close(struct mm_map *map);

/* mm_map_data -- the first byte asked for; of an empty map, a valid pointer to nothing. */
unsigned char *mm_map_data(const struct mm_map *map);

/* mm_map_len -- how many bytes were asked for. */
size_t mm_map_len(const struct mm_map *map);

/*
 * mm_map_pin -- somebody holds a pointer into the map: it must not move.
 * mm_map_unpin -- one holder less.
 *
 * While a map is pinned mm_map_slide, mm_map_resize, mm_map_move and mm_map_trim
 * return -EBUSY.  Pins count, and may come from several threads at once.
 */
void mm_map_pin(struct mm_map *map);
void mm_map_unpin(struct mm_map *map);

/*
 * mm_map_slide -- let a file map show another window, of the same or another file.
 *
 * What was mapped before is gone, also its fault; the address stays where it was
 * when the new window fits in the old one's pages, and costs one system call then.
 *
 * Returns as mm_map_file, or -EBUSY, or -EINVAL for an anonymous map.  On failure
 * other than these two the map is empty.
 */
int mm_map_slide(struct mm_map *map, int fd, uint64_t off, size_t len);

#define MM_RESIZE_STAY 0x1u /* grow only where the map is */

/*
 * mm_map_resize -- make a map longer or shorter at its end; the data may move.
 *
 * A file map's window grows in the file, an anonymous private map grows zeroes.
 * The pages that stay mapped are not touched again.  A shared anonymous map
 * cannot grow: its memory has the size that it was made with.
 *
 * Returns 0, or -EBUSY, or -ENOMEM, also when the map would have to move and may
 * not, or -EINVAL for an empty map, a fenced one, or a shared anonymous one that
 * is to grow, or unknown flags, or -EFAULT for one whose pages are not all alike
 * (mm_map_zero, a fault, or a part that was protected, locked or advised); the
 * map is as it was then.
 */
int mm_map_resize(struct mm_map *map, size_t len, unsigned flags);

/*
 * mm_map_move -- move a map's pages to a page-aligned address of the caller's choice.
 *
 * What was mapped there is gone: the caller owns that range, by a map that he
 * made for it (mm_map_anonymous with MM_MAP_NOACCESS) and keeps open longer.
 *
 * Returns 0, or -EBUSY, -EINVAL for an empty map or a bad address, -ENOMEM,
 * -EFAULT as mm_map_resize; the map is as it was then.
 */
int mm_map_move(struct mm_map *map, void *address);

/*
 * mm_map_duplicate -- a second map of the same pages of a shared map.
 *
 * `address` is where, as for mm_map_move, or NULL for anywhere.
 *
 * Returns 0, or -EINVAL for an empty or a private map or a bad address, -ENOMEM.
 */
int mm_map_duplicate(const struct mm_map *map, void *address, struct mm_map **copy);

/*
 * mm_map_trim -- unmap the whole pages among the first `head` and the last `tail` bytes.
 *
 * The map's data then begins `head` bytes later and is `head` + `tail` bytes shorter.
 *
 * Returns 0, or -EBUSY, or -EINVAL when there are not so many bytes.
 */
int mm_map_trim(struct mm_map *map, size_t head, size_t tail);

/*
 * mm_map_protect -- say anew what may be done with the pages that hold `len` bytes
 * from `off` on: MM_MAP_WRITE, MM_MAP_EXEC, MM_MAP_NOACCESS, or 0 for loads only.
 *
 * Of reserved memory (MM_MAP_NOACCESS), MM_MAP_WRITE commits a piece.  A store
 * into a sealed page (0) ends the process by SIGSEGV.  mm_map_slide() gives the
 * map the rights again that it was made with.
 *
 * Returns 0, or -EACCES for a right that the descriptor does not give, -ENOMEM,
 * -EINVAL for bytes outside of the map or other flags.
 */
int mm_map_protect(struct mm_map *map, size_t off, size_t len, unsigned flags);

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
 * Returns 0, or -ENOMEM, -EINVAL for bytes outside of the map or pages that do not
 * allow it (POPULATE_WRITE of read-only ones, DONTNEED of locked ones); for the
 * two POPULATE advices also -EFAULT or -EHWPOISON for a page that cannot be had.
 */
int mm_map_advise(struct mm_map *map, size_t off, size_t len, enum mm_advice advice);

#define MM_SYNC_ASYNC      0x1u /* hand the dirty pages on, wait for nothing */
#define MM_SYNC_WAIT       0x2u /* return when they are on the medium */
#define MM_SYNC_INVALIDATE 0x4u /* other mappings of the file see what was stored */

/*
 * mm_map_sync -- pass what was stored in `len` bytes from `off` on to the file.
 *
 * Returns 0, or -EIO, -ENOMEM, -EBUSY as msync(2) does, -EINVAL for bytes
 * outside of the map or contradicting or unknown flags.
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
 * that the map was made from is asked for the cause; where it was closed, the cause
 * is fstat(2)'s error.
 */
int mm_map_fault(const struct mm_map *map, struct mm_fault *fault);

/* -------------------------------------------------------------------- lock */

#define MM_LOCK_CURRENT  0x1u /* mm_lock_all: what is mapped now */
#define MM_LOCK_FUTURE   0x2u /* mm_lock_all: what will be mapped */
#define MM_LOCK_ON_FAULT 0x4u /* lock a page when it is touched, load none now */

/*
 * mm_map_lock -- keep the pages that hold `len` bytes from `off` on in memory.
 * mm_map_unlock -- let them go.
 *
 * Locks end with the map, and are not inherited by fork(2).
 *
 * Returns 0, or -ENOLCK when that would pass RLIMIT_MEMLOCK, -ENOMEM for a page
 * that cannot be had, -EINVAL for bytes outside of the map or unknown flags.
 */
int mm_map_lock(struct mm_map *map, size_t off, size_t len, unsigned flags);
int mm_map_unlock(struct mm_map *map, size_t off, size_t len);

/*
 * mm_lock_all -- lock the whole process; mm_unlock_all -- unlock it.
 *
 * `flags` hold MM_LOCK_CURRENT or MM_LOCK_FUTURE or both.
 *
 * Returns 0, or -ENOLCK, -ENOMEM, -EINVAL.
 */
int mm_lock_all(unsigned flags);
int mm_unlock_all(void);

struct mm_lock {
    uint64_t locked; /* bytes locked now: VmLck of /proc/PID/status */
    uint64_t limit;  /* RLIMIT_MEMLOCK; UINT64_MAX for none */
};

/* mm_lock_read -- what this process has locked, and may.  Returns 0 or -errno of open(2). */
int mm_lock_read(struct mm_lock *lock);

/*
 * mm_lock_room -- how many bytes more this process may lock; UINT64_MAX: no limit holds for it.
 *
 * Only the kernel knows for sure: a process that is privileged in a user namespace of its own
 * is limited all the same.  Returns as mm_lock_read.
 */
int mm_lock_room(uint64_t *room);

/*
 * mm_lock_of -- how many bytes process `pid` has locked: its VmLck.
 *
 * Returns 0, or -ENOENT for no such process, -ENODATA for one without memory (a thread of the
 * kernel), -EACCES.
 */
int mm_lock_of(pid_t pid, uint64_t *locked);

/* --------------------------------------------------------------- residency */

/* Pages of a range of a file or a map.  Counts of pages, of mm_page_size() bytes. */
struct mm_resident {
    uint64_t pages;     /* in the range */
    uint64_t cached;    /* of them in memory */
    uint64_t dirty;     /* cached, and not yet on the medium; cachestat(2) only */
    uint64_t writeback; /* on the way to the medium; cachestat(2) only */
    uint64_t evicted;   /* were in memory once; cachestat(2) only */
    bool detailed;      /* the last three are known */
};

/*
 * mm_map_resident -- which pages of `len` bytes from `off` on are in memory?
 *
 * `present` takes one byte for each page, 1 or 0; NULL when only the counts
 * matter.  A page counts when the page cache has it, mapped or not.
 *
 * Returns 0, or -EPERM when the kernel will not tell (a file that the caller
 * neither owns nor may write: mincore(2) would say "all"), -ENOMEM, -EINVAL.
 */
int mm_map_resident(const struct mm_map *map, size_t off, size_t len, unsigned char *present,
                    struct mm_resident *resident);

/*
 * mm_file_resident -- the counts for `len` bytes of a file from `off` on; 0: to its end.
 *
 * By cachestat(2) where the kernel has it (6.5), else by mapping the file.
 *
 * Returns as mm_map_resident, or as mm_map_file.
 */
int mm_file_resident(int fd, uint64_t off, uint64_t len, struct mm_resident *resident);

/* mm_file_resident_known -- the same, for whom has just asked fstat(2): of many files it counts. */
int mm_file_resident_known(int fd, const struct stat *st, uint64_t off, uint64_t len,
                           struct mm_resident *resident);

/* Pages of a file in a row, as bytes. */
struct mm_run {
    uint64_t off;
    uint64_t len; /* 0: there is none */
};

/*
 * mm_file_resident_run -- the first pages from byte `off` on that are in memory, as many as
 * there are in a row.
 *
 * A run may end behind the end of the file, with its last page; one that begins before `off`
 * is cut at the page that holds `off`.
 *
 * Returns as mm_file_resident.
 */
int mm_file_resident_run(int fd, uint64_t off, struct mm_run *run);

#define MM_LOAD_AROUND 0x1u /* pages next to the range may be loaded too */

/*
 * mm_file_load -- have the pages that hold `len` bytes from `off` on in memory; 0: to the end.
 *
 * No other page of the file is loaded, unless `flags` say so; that, and a range that is the
 * whole file, lets the kernel read ahead in larger folios.  Returns when all of them were loaded;
 * those that came first may be gone again where memory is short.
 *
 * Returns 0, or -EINVAL for an `off` behind the end or unknown flags, -ESTALE for a file that
 * shrank meanwhile, -EIO, or as mm_map_file.
 */
int mm_file_load(int fd, uint64_t off, uint64_t len, unsigned flags);

#define MM_EVICT_SYNC 0x1u /* write the file's dirty pages to the medium before */

/*
 * mm_file_evict -- let the page cache forget the pages that hold `len` bytes from `off` on; 0:
 * to the end.
 *
 * Pages that are dirty, mapped or locked stay, and those that share a folio with pages outside;
 * mm_file_resident() tells how many did.
 *
 * Returns 0, or -EINVAL for an `off` behind the end or unknown flags, or what fstat(2),
 * fdatasync(2) and posix_fadvise(2) say.
 */
int mm_file_evict(int fd, uint64_t off, uint64_t len, unsigned flags);

/* mm_page_size -- in bytes. */
size_t mm_page_size(void);

/* --------------------------------------------------------------------- oom */

/* How likely the kernel ends a process when memory runs out. */
struct mm_oom {
    int score;  /* oom_score: 0 to 2000, the highest first */
    int adjust; /* oom_score_adj: -1000 never, 0 by size, 1000 first */
};

/*
 * mm_oom_read -- of process `pid`; 0 is the caller.
 *
 * Returns 0, or -ENOENT for no such process, -EACCES.
 */
int mm_oom_read(pid_t pid, struct mm_oom *oom);

/*
 * mm_oom_adjust -- set oom_score_adj of process `pid`; 0 is the caller.
 *
 * Raising one's own always works, but for a process that changed its user and so
 * is not its own any more.  Lowering it below what a privileged process last set
 * takes CAP_SYS_RESOURCE.
 *
 * Returns 0, or -EACCES without that, -EINVAL outside of -1000 to 1000, -ENOENT.
 */
int mm_oom_adjust(pid_t pid, int adjust);

/*
 * mm_oom_from_old -- a value of the old oom_adj scale (-17 to 15) on today's.
 *
 * As the kernel translates it: -17 is never, 15 is first, between them by
 * proportion.  Returns 0, or -EINVAL outside of the scale.
 */
int mm_oom_from_old(int old, int *adjust);

/* -------------------------------------------------------------- overcommit */

enum mm_overcommit_mode {
    MM_OVERCOMMIT_HEURISTIC, /* 0: refuse what obviously cannot fit */
    MM_OVERCOMMIT_ALWAYS,    /* 1: refuse nothing */
    MM_OVERCOMMIT_NEVER,     /* 2: refuse what passes the limit; MM_MAP_NORESERVE is ignored */
};

struct mm_overcommit {
    enum mm_overcommit_mode mode;
    uint64_t limit;     /* CommitLimit, bytes; it counts in mode NEVER only */
    uint64_t committed; /* Committed_AS, bytes */
};

/* mm_overcommit_read -- how the kernel promises memory.  Returns 0 or -errno of open(2). */
int mm_overcommit_read(struct mm_overcommit *overcommit);

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

/*
 * mm_ring_data -- the bytes produced and not yet consumed, in one run.
 *
 * Never more than mm_ring_size(), even where the other process cannot be trusted.
 */
const unsigned char *mm_ring_data(const struct mm_ring *ring, size_t *len);

/* mm_ring_consume -- the first `len` bytes of the data are done with. */
void mm_ring_consume(struct mm_ring *ring, size_t len);

/*
 * mm_ring_await_data -- wait until at least `want` bytes can be read.
 * mm_ring_await_space -- wait until at least `want` bytes can be written.
 *
 * Each returns at once when the other side has finished.  `other` is a pidfd
 * (pidfd_open(2)) of the process on the other side, or -1: when that process
 * ends without mm_ring_finish() the wait ends too, although nobody wakes it.
 *
 * Returns 0 when the bytes are there, -EPIPE when the other side finished before
 * (what it left can still be read), -ESRCH when it died before, -EINVAL when
 * `want` is more than the ring holds.
 */
int mm_ring_await_data(struct mm_ring *ring, size_t want, int other);
int mm_ring_await_space(struct mm_ring *ring, size_t want, int other);

/* mm_ring_finish -- this side will produce, or consume, no more; the other side's waits end. */
void mm_ring_finish(struct mm_ring *ring);

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
 * Bytes of a view are vouched for by the next mm_scan_check() that returns 0, or by
 * an mm_scan_more() that does and moved the window: until then a file that shrinks
 * may have put zeroes there.
 *
 * Where the caller's thread spends its time on faults, page by page, in a file of more
 * than two windows, the scan has a thread that faults the next window in meanwhile.
 * It takes no signal but SIGBUS, and ends with the input.  A child of fork(2) may go
 * on with the scan, without that thread.
 */
struct mm_scan;

struct mm_view {
    const unsigned char *data;
    size_t len;
};

#define MM_SCAN_WINDOW ((size_t)32 << 20) /* the default window of a file, bytes */
#define MM_SCAN_HERE   UINT64_MAX         /* start where the descriptor stands */

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
 * starts where it is, whatever `start` says; a pipe that a MiB came through is
 * widened to 256 KiB if that is allowed.  The input before is closed first, but its
 * address range is used again.
 *
 * Returns 0, or -EISDIR, -ENOMEM, or what fstat(2) and mmap(2) say.
 */
int mm_scan_open(struct mm_scan *scan, int fd, uint64_t start);

/*
 * mm_scan_feed -- take what `fill` gives as the input: a stream without a descriptor.
 *
 * `fill` stores up to `room` bytes at `data` and returns how many, 0 at the end of input, or
 * -errno, which the mm_scan_more() that asked then returns.  It vouches for what it gives.
 * What mm_scan_stat() shows is all zeroes.  The input before is closed first.
 */
void mm_scan_feed(struct mm_scan *scan, ssize_t (*fill)(void *context, void *data, size_t room),
                  void *context);

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
 * mm_scan_fault() has the offset.  For a stream, what read(2) says.  -EBADF without
 * an input.
 */
int mm_scan_more(struct mm_scan *scan, size_t want, struct mm_view *view);

/* mm_scan_consume -- the first `len` bytes of the last view are done with. */
void mm_scan_consume(struct mm_scan *scan, size_t len);

/*
 * mm_scan_seek -- go on at byte `off` of the file.
 *
 * Returns 0, -ESPIPE for a stream or without an input, or as mm_scan_check: what was
 * seen is checked.
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

#define MM_OUTPUT_REPLACE  0x1u /* publish over an existing name; else -EEXIST */
#define MM_OUTPUT_IN_PLACE 0x2u /* under its own name from the start */

/*
 * mm_output_new -- begin a new file that is to be `name` in `dirfd`.
 *
 * `name` may have directories in it; the string is copied, `dirfd` is lent until
 * the close.  The file is built without a name where the file system can
 * (O_TMPFILE), else under a hidden one in the same directory, ".mm-" and a number
 * that follows from `name`.  Such a file is locked (flock(2)) while its maker lives:
 * the next output of that name removes what a killed process left.  `mode` is
 * subject to the umask, as in open(2).
 *
 * With MM_OUTPUT_IN_PLACE the name, which must be new, is there from the start, and
 * the size and a close are as for mm_output_open().
 *
 * Returns 0, or -ENOMEM, or what open(2) says.
 */
int mm_output_new(int dirfd, const char *name, mode_t mode, unsigned flags,
                  struct mm_output **output);

/*
 * mm_output_open -- write over the file that `fd` is, from its first byte on.
 *
 * `fd` must be open for reading and writing and is lent until the close.  The
 * file is emptied; its size then runs at most a large page, 2 MiB, ahead of what is
 * committed, and reaches the length that was reserved only for the last page.
 * Publish trims it to what is committed, and so does a close without publish.
 *
 * Returns 0, or -ENOMEM, or what ftruncate(2) says.
 */
int mm_output_open(int fd, struct mm_output **output);

/*
 * mm_output_resume -- as mm_output_open, but the file's first `good` bytes stay, and are
 * committed already.
 *
 * Returns as mm_output_open, or -EINVAL when there are not so many.
 */
int mm_output_resume(int fd, uint64_t good, struct mm_output **output);

/*
 * mm_output_clone -- let the file share all the bytes of the file `from`.
 *
 * No byte is moved (FICLONE); all are committed.  To be called before anything is.
 *
 * Returns 0, or what ioctl_ficlone(2) says: -EOPNOTSUPP, -ENOTTY, -EXDEV or -EINVAL where
 * these file systems cannot.
 */
int mm_output_clone(struct mm_output *output, int from);

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

/*
 * mm_output_evict -- put what is committed on the medium, and let go of it in memory.
 *
 * Who maps the file anew sees what the medium has, where there is one.
 *
 * Returns 0, or -EIO, -ENOSPC, or what fsync(2) says.
 */
int mm_output_evict(struct mm_output *output);

/*
 * mm_output_cut -- only the first `good` bytes are good after all.
 *
 * The file is trimmed to them.  Returns 0, or -EINVAL when not so many are committed, or
 * what ftruncate(2) says.
 */
int mm_output_cut(struct mm_output *output, uint64_t good);

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

/*
 * mm_output_abandon -- in a signal handler, before the process ends: trim a file in place to
 * what is committed, and take a hidden name away.
 *
 * May interrupt any other function on the output, after which only the end of the
 * process may follow.
 */
void mm_output_abandon(struct mm_output *output);

/*
 * mm_output_close -- forget; what was not published is gone, or trimmed to what is committed.
 *
 * In a child of fork(2) it only lets go: the file is its parent's.
 */
void mm_output_close(struct mm_output *output);

/* ----------------------------------------------------------------- version */

/* mm_version -- of the library that is linked, "MAJOR.MINOR.PATCH". */
const char *mm_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
