/* SPDX-License-Identifier: MIT */
/*
 * One sliding window over a file, by mapping, or over a stream, by a ring.  A stream is read from
 * its descriptor, or given by a function of the caller's.
 *
 * A file's window begins at the page that holds the first unconsumed byte (a large one in a
 * large file), so that sliding is one mmap(2) over the old window.  A line that does not
 * fit makes the window grow at its end, to twice what is unconsumed, by mremap(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "guard.h"
#include "map.h"
#include "next.h"

#define RING_SIZE ((size_t)256 << 10) /* stays in a core's own cache */
/* A pipe that so much came through is widened, so that its two ends wait less for each other. */
#define WIDEN_FROM ((uint64_t)1 << 20)
/* A file up to here comes with the first read-ahead: advice would only cost a call. */
#define ADVICE_MIN ((size_t)128 << 10)
/*
 * A large page of x86-64, and of arm64 with 4 KiB pages.  Where the page cache holds one, and
 * address and offset differ by a multiple of it, one fault maps the whole.
 */
#define LARGE_PAGE ((uint64_t)2 << 20)
/* A window shows the end of the one before again: a line may begin there that ends in it. */
#define OVERLAP  LARGE_PAGE
#define HELP_MIN (2 * OVERLAP) /* smaller windows come and go too fast for a thread */

enum kind { CLOSED, MAPPED, STREAM };

struct mm_scan {
    enum kind kind;
    size_t window;
    int fd;
    struct stat st;
    bool sparse;    /* worth asking for holes */
    uint64_t off;   /* of the first unconsumed byte */
    uint64_t size;  /* of the file, as last asked */
    uint64_t shown; /* the file had this many bytes when a view ended there */
    struct mm_map *map;
    uint64_t map_off;  /* the window begins here in the file, */
    uint64_t map_end;  /* and ends here */
    struct next *next; /* NULL: nobody helps */
    int64_t faults;    /* as mm__next_pays() counts them */
    struct mm_ring *ring;
    bool asked; /* whether the stream is a pipe that can be widened */
    ssize_t (*fill)(void *context, void *data, size_t room); /* NULL: the stream is read */
    void *context;
    struct mm_fault fault;
};

int mm_scan_new(size_t window, struct mm_scan **scan)
{
    struct mm_scan *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    size_t page = mm__guard_page();
    made->window = window ? (window + page - 1) & ~(page - 1) : MM_SCAN_WINDOW;
    *scan = made;
    return 0;
}

void mm_scan_close(struct mm_scan *scan)
{
    mm__next_free(scan->next);
    scan->next = NULL;
    mm_map_close(scan->map);
    scan->map = NULL;
    mm_ring_free(scan->ring);
    scan->ring = NULL;
    scan->kind = CLOSED;
}

void mm_scan_free(struct mm_scan *scan)
{
    if (!scan)
        return;
    mm_scan_close(scan);
    free(scan);
}

/* Show zeroes of our own where the window [map_off, map_end) has holes. */
static int cover_holes(struct mm_scan *scan)
{
    off_t stands = lseek(scan->fd, 0, SEEK_CUR);
    uint64_t at = scan->map_off;
    int error = 0;
    while (!error && at < scan->map_end) {
        off_t data = lseek(scan->fd, (off_t)at, SEEK_DATA);
        if (data < 0 && errno != ENXIO)
            break; /* this file system does not tell */
        uint64_t hole_end =
            data < 0 || (uint64_t)data > scan->map_end ? scan->map_end : (uint64_t)data;
        if (hole_end > at)
            error = mm_map_zero(scan->map, (size_t)(at - scan->map_off), (size_t)(hole_end - at));
        if (hole_end == scan->map_end)
            break;
        off_t hole = lseek(scan->fd, (off_t)hole_end, SEEK_HOLE);
        if (hole < 0)
            break;
        at = (uint64_t)hole;
    }
    lseek(scan->fd, stands, SEEK_SET);
    return error;
}

/* Where a window with the first unconsumed byte begins: at a page, a large one in a large file. */
static uint64_t window_start(const struct mm_scan *scan)
{
    bool large = scan->window >= 4 * LARGE_PAGE && scan->size > scan->window;
    uint64_t page = large ? LARGE_PAGE : mm__guard_page();
    return scan->off & ~(page - 1);
}

/* Map the window of `len` bytes from the page at `start` on. */
static int map_window(struct mm_scan *scan, uint64_t start, uint64_t len)
{
    if (len > PTRDIFF_MAX)
        return -ENOMEM;
    int error = -EFAULT;
    /* A long line: what is consumed goes, what is not stays mapped and grows. */
    if (scan->map && len > scan->window && scan->map_off < start && start < scan->map_end &&
        mm_map_trim(scan->map, (size_t)(start - scan->map_off), 0) == 0)
        scan->map_off = start;
    if (scan->map && start == scan->map_off && scan->map_end > start)
        error = mm_map_resize(scan->map, (size_t)len, 0);
    if (error == -EFAULT) { /* nothing to grow, or holes make it several mappings */
        error = scan->map ? mm__map_beside(scan->map, scan->fd, start, (size_t)len)
                          : mm_map_file(scan->fd, start, (size_t)len, 0, &scan->map);
        scan->map_off = start;
        scan->map_end = start;
        if (error)
            return error;
        if (len > ADVICE_MIN)
            mm_map_advise(scan->map, 0, (size_t)len, MM_ADVICE_SEQUENTIAL);
    }
    if (error)
        return error;
    scan->map_end = start + len;
    return scan->sparse ? cover_holes(scan) : 0;
}

/* Have the window behind this one faulted in meanwhile, where that pays. */
static void begin_next(struct mm_scan *scan, bool onward)
{
    uint64_t left = scan->size - scan->map_end;
    if (scan->sparse || scan->window < HELP_MIN || left == 0)
        return;
    bool pays = mm__next_pays(scan->window, &scan->faults);
    if (!onward)
        return;
    if (!scan->next && pays && left >= scan->window)
        scan->next = mm__next_new(scan->map, scan->window / 8);
    if (scan->next)
        mm__next_begin(scan->next, scan->fd, scan->map_end - OVERLAP, scan->map_end,
                       left < scan->window ? scan->size : scan->map_end + scan->window);
}

/* Show the window of the first unconsumed byte, `len` bytes or to the end of the file. */
static int slide(struct mm_scan *scan, uint64_t len)
{
    uint64_t start = window_start(scan);
    if (len > scan->size - start)
        len = scan->size - start;
    bool onward = len <= scan->window && scan->map_off < start && start <= scan->map_end &&
                  scan->map_end - start <= OVERLAP;
    if (!scan->next || !mm__next_take(scan->next, start, start + len, scan->size, &scan->map,
                                      &scan->map_off, &scan->map_end)) {
        mm__next_drop(scan->next);
        int error = map_window(scan, start, len);
        if (error)
            return error;
    }
    begin_next(scan, onward);
    return 0;
}

static int block_size(int fd, uint64_t *size)
{
    off_t stands = lseek(fd, 0, SEEK_CUR);
    off_t end = lseek(fd, 0, SEEK_END);
    if (stands < 0 || end < 0)
        return -errno;
    lseek(fd, stands, SEEK_SET);
    *size = (uint64_t)end;
    return 0;
}

int mm_scan_open(struct mm_scan *scan, int fd, uint64_t start)
{
    mm__next_free(scan->next);
    scan->next = NULL;
    scan->kind = CLOSED;
    scan->fault = (struct mm_fault){0, 0};
    if (fstat(fd, &scan->st) != 0)
        return -errno;
    if (S_ISDIR(scan->st.st_mode))
        return -EISDIR;

    bool block = S_ISBLK(scan->st.st_mode);
    scan->fd = fd;
    scan->fill = NULL;
    scan->off = 0;
    scan->size = 0;
    scan->shown = 0;
    mm_ring_free(scan->ring);
    scan->ring = NULL;
    scan->asked = false;
    if (!S_ISREG(scan->st.st_mode) && !block) {
        scan->kind = STREAM;
        return 0;
    }
    if (block) {
        int error = block_size(fd, &scan->size);
        if (error)
            return error;
    } else {
        scan->size = (uint64_t)scan->st.st_size;
    }
    if (start == MM_SCAN_HERE) {
        off_t stands = lseek(fd, 0, SEEK_CUR);
        if (stands < 0)
            return -errno;
        start = (uint64_t)stands;
    }
    scan->off = start;
    scan->sparse = !block && (uint64_t)scan->st.st_blocks * 512 < scan->size;
    scan->map_off = scan->map_end = 0;

    /* An empty file may be one of /proc, which only a mapping that fails tells. */
    int error = 0;
    if (start < scan->size)
        error = slide(scan, scan->window);
    else if (scan->map)
        error = mm_map_slide(scan->map, fd, 0, 1);
    else
        error = mm_map_file(fd, 0, 1, 0, &scan->map);
    scan->kind = MAPPED;
    if (error == -ENODEV || error == -EIO || error == -EINVAL) {
        mm_map_close(scan->map);
        scan->map = NULL;
        scan->kind = STREAM;
        scan->off = 0;
        scan->size = 0;
        error = 0;
    }
    if (error)
        scan->kind = CLOSED;
    return error;
}

void mm_scan_feed(struct mm_scan *scan, ssize_t (*fill)(void *context, void *data, size_t room),
                  void *context)
{
    mm_scan_close(scan);
    scan->fault = (struct mm_fault){0, 0};
    scan->st = (struct stat){0};
    scan->fd = -1;
    scan->off = scan->size = scan->shown = 0;
    scan->asked = true;
    scan->fill = fill;
    scan->context = context;
    scan->kind = STREAM;
}

/* Ask for the size again, and note what that says of the bytes already shown. */
static int refresh(struct mm_scan *scan)
{
    if (!S_ISREG(scan->st.st_mode))
        return 0;
    struct stat st;
    if (fstat(scan->fd, &st) != 0)
        return -errno;
    scan->size = (uint64_t)st.st_size;
    if (scan->size < scan->shown && !scan->fault.error)
        scan->fault = (struct mm_fault){-ESTALE, scan->size};
    return scan->fault.error;
}

int mm_scan_check(struct mm_scan *scan)
{
    if (scan->fault.error || scan->kind != MAPPED)
        return scan->fault.error;
    if (scan->map) {
        struct mm_fault found;
        if (mm_map_fault(scan->map, &found))
            scan->fault = found;
    }
    /* The tail of the new last page of a file that shrank turns to zero without a fault. */
    return refresh(scan);
}

static int more_of_file(struct mm_scan *scan, size_t want, struct mm_view *view)
{
    if (scan->fault.error)
        return scan->fault.error;
    bool inside = scan->map_off <= scan->off && scan->off < scan->map_end;
    size_t have = inside ? (size_t)(scan->map_end - scan->off) : 0;
    if (have < want || have == 0) {
        int error = mm_scan_check(scan);
        if (error)
            return error;
        uint64_t left = scan->off < scan->size ? scan->size - scan->off : 0;
        if (left > have) {
            size_t delta = (size_t)(scan->off - window_start(scan));
            uint64_t len = scan->window;
            if (want > have && have > 0 && len < 2 * (uint64_t)have)
                len = 2 * (uint64_t)have;
            if (len < (uint64_t)want + delta)
                len = (uint64_t)want + delta;
            error = slide(scan, len);
            if (error)
                return error;
            have = (size_t)(scan->map_end - scan->off);
        }
    }
    if (have == 0) {
        *view = (struct mm_view){(const unsigned char *)"", 0};
        return 0;
    }
    if (scan->shown < scan->map_end)
        scan->shown = scan->map_end;
    *view = (struct mm_view){mm_map_data(scan->map) + (scan->off - scan->map_off), have};
    return 0;
}

/* A ring of at least `size` bytes with what is unconsumed. */
static int grow_ring(struct mm_scan *scan, size_t size)
{
    struct mm_ring *larger;
    size_t have = 0;
    const unsigned char *old = NULL;
    size_t twice = RING_SIZE;
    if (scan->ring) {
        old = mm_ring_data(scan->ring, &have);
        twice = 2 * mm_ring_size(scan->ring);
    }
    int error = mm_ring_new(size < twice ? twice : size, &larger);
    if (error)
        return error;
    if (have) {
        size_t room;
        unsigned char *to = mm_ring_space(larger, &room);
        memcpy(to, old, have);
        mm_ring_produce(larger, have);
    }
    mm_ring_free(scan->ring);
    scan->ring = larger;
    return 0;
}

/* A pipe of the ring's size fills it in one read(2).  One that cannot be widened stays as it is. */
static void widen(struct mm_scan *scan)
{
    int size = S_ISFIFO(scan->st.st_mode) ? fcntl(scan->fd, F_GETPIPE_SZ) : 0;
    if (size > 0 && (size_t)size < RING_SIZE)
        (void)fcntl(scan->fd, F_SETPIPE_SZ, (int)RING_SIZE);
    scan->asked = true;
}

/* More of a stream.  Returns how much, 0 at its end, or -errno. */
static ssize_t fetch(const struct mm_scan *scan, unsigned char *space, size_t room)
{
    if (scan->fill)
        return scan->fill(scan->context, space, room);
    ssize_t got;
    do
        got = read(scan->fd, space, room);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static int more_of_stream(struct mm_scan *scan, size_t want, struct mm_view *view)
{
    if (!scan->ring || want > mm_ring_size(scan->ring)) {
        int error = grow_ring(scan, want);
        if (error)
            return error;
    }
    if (!scan->asked && scan->off >= WIDEN_FROM)
        widen(scan);
    const unsigned char *data;
    size_t have;
    while (data = mm_ring_data(scan->ring, &have), have < want || have == 0) {
        size_t room;
        unsigned char *space = mm_ring_space(scan->ring, &room);
        ssize_t got = fetch(scan, space, room);
        if (got == 0)
            break;
        if (got < 0)
            return (int)got;
        mm_ring_produce(scan->ring, (size_t)got);
    }
    *view = (struct mm_view){data, have};
    return 0;
}

int mm_scan_more(struct mm_scan *scan, size_t want, struct mm_view *view)
{
    switch (scan->kind) {
    case MAPPED:
        return more_of_file(scan, want, view);
    case STREAM:
        return more_of_stream(scan, want, view);
    default:
        return -EBADF;
    }
}

void mm_scan_consume(struct mm_scan *scan, size_t len)
{
    scan->off += len;
    if (scan->kind == STREAM && scan->ring)
        mm_ring_consume(scan->ring, len);
}

int mm_scan_seek(struct mm_scan *scan, uint64_t off)
{
    if (scan->kind != MAPPED)
        return -ESPIPE;
    int error = mm_scan_check(scan);
    if (error)
        return error;
    scan->off = off;
    return 0;
}

uint64_t mm_scan_offset(const struct mm_scan *scan)
{
    return scan->off;
}

uint64_t mm_scan_size(const struct mm_scan *scan)
{
    return scan->size;
}

bool mm_scan_mapped(const struct mm_scan *scan)
{
    return scan->kind == MAPPED;
}

bool mm_scan_hole(const struct mm_scan *scan, uint64_t *len)
{
    if (scan->kind != MAPPED) {
        *len = UINT64_MAX;
        return false;
    }
    *len = scan->off < scan->size ? scan->size - scan->off : 0;
    if (!scan->sparse || *len == 0)
        return false;
    off_t stands = lseek(scan->fd, 0, SEEK_CUR);
    off_t data = lseek(scan->fd, (off_t)scan->off, SEEK_DATA);
    bool hole = data < 0 ? errno == ENXIO : (uint64_t)data > scan->off;
    off_t end = hole || data < 0 ? data : lseek(scan->fd, (off_t)scan->off, SEEK_HOLE);
    if (end >= 0 && (uint64_t)end < scan->size)
        *len = (uint64_t)end - scan->off;
    lseek(scan->fd, stands, SEEK_SET);
    return hole;
}

const struct stat *mm_scan_stat(const struct mm_scan *scan)
{
    return &scan->st;
}

void mm_scan_fault(const struct mm_scan *scan, struct mm_fault *fault)
{
    *fault = scan->fault;
}
