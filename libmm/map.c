/* SPDX-License-Identifier: MIT */
/* One mapping: made, moved, resized, advised, synced, and asked what it lost. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "guard.h"
#include "map.h"

/*
 * The address range is `room` bytes long and this map's alone; the first `pages`
 * bytes of it show the window, the rest is what an earlier, larger window left
 * there.  Mapping over it later costs one call, unmapping it now would cost two.
 */
struct mm_map {
    unsigned char *base;
    size_t room;
    size_t pages;
    size_t dead; /* bytes right before base that show earlier windows, see mm__map_beside() */
    size_t skip; /* from base to the first byte asked for */
    size_t len;
    uint64_t off; /* in the file, of the first byte asked for */
    int fd;       /* -1: anonymous */
    int prot;
    int granted; /* loads and stores that prot or mm_map_protect() allowed since the last slide */
    int share;
    bool fenced; /* a page before base and one behind the room that nobody may touch */
    atomic_uint pins;
    struct guard_place *place; /* NULL: anonymous, nothing can be lost */
};

/* A small window, and how many bytes of them one call unmaps. */
#define SMALL ((size_t)128 << 10)
#define STRIP ((size_t)1 << 20)

#define FILE_FLAGS (MM_MAP_WRITE | MM_MAP_EXEC | MM_MAP_SHARED | MM_MAP_NORESERVE | MM_MAP_NOACCESS)

static unsigned char nothing[1]; /* what the data pointer of an empty map is */

static int protection(unsigned flags)
{
    if (flags & MM_MAP_NOACCESS)
        return PROT_NONE;
    return PROT_READ | (flags & MM_MAP_WRITE ? PROT_WRITE : 0) |
           (flags & MM_MAP_EXEC ? PROT_EXEC : 0);
}

static int sharing(unsigned flags)
{
    return (flags & MM_MAP_SHARED ? MAP_SHARED : MAP_PRIVATE) |
           (flags & MM_MAP_NORESERVE ? MAP_NORESERVE : 0);
}

static size_t page_floor(size_t n)
{
    return n & ~(mm__guard_page() - 1);
}

/* Round up to pages; 0 when that overflows. */
static size_t page_ceil(size_t n)
{
    return page_floor(n + mm__guard_page() - 1);
}

/* The range but for its first `pages` bytes is about to be somebody else's. */
static void watch_only(struct mm_map *map, size_t pages)
{
    if (map->place)
        mm__guard_watch(map->place, map->base, pages, map->granted);
}

static void watch(struct mm_map *map)
{
    watch_only(map, map->pages);
}

static void release(struct mm_map *map)
{
    watch_only(map, 0);
    size_t fence = map->fenced ? mm__guard_page() : 0;
    if (map->room)
        munmap(map->base - fence - map->dead, map->dead + map->room + 2 * fence);
    map->base = NULL;
    map->room = map->pages = map->dead = map->skip = map->len = 0;
}

/* The `pages` bytes at `got` show `len` bytes of the file from `off` on. */
static void shows(struct mm_map *map, unsigned char *got, size_t pages, uint64_t off, size_t len)
{
    map->base = got;
    map->pages = pages;
    map->skip = (size_t)(off & (mm__guard_page() - 1));
    map->len = len;
    map->off = off;
    map->granted = map->prot;
    watch(map);
}

/* Put `len` bytes of the map's file from `off` on where the map is, or anew. */
static int place_window(struct mm_map *map, uint64_t off, size_t len)
{
    size_t skip = (size_t)(off & (mm__guard_page() - 1));
    size_t pages = page_ceil(skip + len);
    if (len > SIZE_MAX - skip || (len && pages == 0) || pages > PTRDIFF_MAX || off > INT64_MAX) {
        release(map);
        return -EOVERFLOW;
    }
    int fixed = 0;
    if (map->place)
        mm__guard_reset(map->place);
    if (len == 0 || pages > map->room)
        release(map);
    else
        fixed = MAP_FIXED;
    if (len == 0) {
        map->off = off;
        return 0;
    }
    void *got = mmap(map->base, pages, map->prot, map->share | fixed, map->fd, (off_t)(off - skip));
    if (got == MAP_FAILED) {
        int error = -errno;
        release(map);
        return error;
    }
    if (!fixed)
        map->room = pages;
    shows(map, got, pages, off, len);
    return 0;
}

static int new_map(int fd, unsigned flags, struct mm_map **made)
{
    struct mm_map *map = calloc(1, sizeof *map);
    if (!map)
        return -ENOMEM;
    map->fd = fd;
    map->prot = protection(flags);
    map->share = sharing(flags);
    *made = map;
    return 0;
}

int mm_map_file(int fd, uint64_t off, size_t len, unsigned flags, struct mm_map **map)
{
    struct mm_map *made;
    if (flags & ~FILE_FLAGS)
        return -EINVAL;
    int error = new_map(fd, flags, &made);
    if (error)
        return error;
    made->place = mm__guard_take();
    error = made->place ? place_window(made, off, len) : -ENOMEM;
    if (error) {
        mm_map_close(made);
        return error;
    }
    *map = made;
    return 0;
}

/* Put a page without access before and behind: an anonymous map is made in the middle of it. */
static int fence(struct mm_map *map, size_t len)
{
    size_t page = mm__guard_page(), pages = page_ceil(len);
    if ((len && pages == 0) || pages > PTRDIFF_MAX - 2 * page)
        return -EOVERFLOW;
    unsigned char *outer =
        mmap(NULL, pages + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (outer == MAP_FAILED)
        return -errno;
    map->base = outer + page;
    map->room = pages;
    map->fenced = true;
    return 0;
}

int mm_map_anonymous(size_t len, unsigned flags, struct mm_map **map)
{
    struct mm_map *made;
    if (flags & ~(FILE_FLAGS | MM_MAP_ZERO | MM_MAP_FENCED))
        return -EINVAL;
    int error = new_map(-1, flags | MM_MAP_WRITE, &made);
    if (error)
        return error;
    int zero = -1;
    if (flags & MM_MAP_ZERO) {
        zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
        if (zero < 0) {
            error = -errno;
            goto out;
        }
        made->fd = zero;
    } else {
        made->share |= MAP_ANONYMOUS;
    }
    if (len > 0 && (flags & MM_MAP_FENCED))
        error = fence(made, len);
    if (!error)
        error = place_window(made, 0, len);
    made->fd = -1;
    if (zero >= 0)
        close(zero);
    if (error == -EOVERFLOW)
        error = -ENOMEM;
out:
    if (error) {
        mm_map_close(made);
        return error;
    }
    *map = made;
    return 0;
}

void mm_map_close(struct mm_map *map)
{
    if (!map)
        return;
    release(map);
    mm__guard_give(map->place);
    free(map);
}

unsigned char *mm_map_data(const struct mm_map *map)
{
    return map->len ? map->base + map->skip : nothing;
}

size_t mm_map_len(const struct mm_map *map)
{
    return map->len;
}

void mm_map_pin(struct mm_map *map)
{
    atomic_fetch_add(&map->pins, 1);
}

void mm_map_unpin(struct mm_map *map)
{
    atomic_fetch_sub(&map->pins, 1);
}

static bool pinned(struct mm_map *map)
{
    return atomic_load(&map->pins) != 0;
}

int mm_map_slide(struct mm_map *map, int fd, uint64_t off, size_t len)
{
    if (pinned(map))
        return -EBUSY;
    if (!map->place)
        return -EINVAL;
    map->fd = fd;
    return place_window(map, off, len);
}

/* An address with room for a strip of small windows above it; NULL: anywhere. */
static unsigned char *find_strip(void)
{
    void *got = mmap(NULL, STRIP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED)
        return NULL;
    munmap(got, STRIP);
    return got;
}

int mm__map_beside(struct mm_map *map, int fd, uint64_t off, size_t len)
{
    size_t skip = (size_t)(off & (mm__guard_page() - 1)), pages = page_ceil(skip + len);
    if (pinned(map) || len == 0 || len > SMALL || off > INT64_MAX)
        return mm_map_slide(map, fd, off, len);
    watch_only(map, 0);
    mm__guard_reset(map->place);
    map->fd = fd;

    unsigned char *at = map->base + map->room, *got = MAP_FAILED;
    if (map->dead + map->room + pages > STRIP) {
        at = map->base - map->dead;
        release(map);
    }
    /* Another thread may have mapped something there meanwhile. */
    if (at)
        got = mmap(at, pages, map->prot, map->share | MAP_FIXED_NOREPLACE, fd, (off_t)(off - skip));
    if (got != at || !at) {
        release(map);
        if (got == MAP_FAILED)
            got = mmap(find_strip(), pages, map->prot, map->share, fd, (off_t)(off - skip));
        if (got == MAP_FAILED)
            return -errno;
    }
    map->dead = map->room > 0 ? map->dead + map->room : 0;
    map->room = pages;
    shows(map, got, pages, off, len);
    return 0;
}

/* Give back what an earlier, larger window left behind this one, and smaller ones before it. */
static void drop_rest(struct mm_map *map)
{
    if (map->dead > 0)
        munmap(map->base - map->dead, map->dead);
    map->dead = 0;
    if (map->room > map->pages)
        munmap(map->base + map->pages, map->room - map->pages);
    map->room = map->pages;
}

int mm_map_resize(struct mm_map *map, size_t len, unsigned flags)
{
    bool shared_memory = !map->place && (map->share & MAP_SHARED);
    if (pinned(map))
        return -EBUSY;
    if (map->len == 0 || len == 0 || map->fenced || (shared_memory && len > map->len) ||
        (flags & ~MM_RESIZE_STAY))
        return -EINVAL;
    size_t pages = page_ceil(map->skip + len);
    if (len > SIZE_MAX - map->skip || pages == 0 || pages > PTRDIFF_MAX)
        return -ENOMEM;
    drop_rest(map);
    if (pages != map->pages) {
        bool stay = flags & MM_RESIZE_STAY;
        watch_only(map, pages < map->pages ? pages : stay ? map->pages : 0);
        void *got = mremap(map->base, map->pages, pages, stay ? 0 : MREMAP_MAYMOVE);
        if (got == MAP_FAILED) {
            int error = -errno;
            watch(map);
            return error;
        }
        map->base = got;
        map->room = map->pages = pages;
        watch(map);
    }
    map->len = len;
    return 0;
}

int mm_map_move(struct mm_map *map, void *address)
{
    if (pinned(map))
        return -EBUSY;
    if (map->len == 0 || map->fenced || (uintptr_t)address % mm__guard_page() != 0)
        return -EINVAL;
    drop_rest(map);
    watch_only(map, 0);
    void *got = mremap(map->base, map->pages, map->pages, MREMAP_MAYMOVE | MREMAP_FIXED, address);
    int error = got == MAP_FAILED ? -errno : 0;
    if (!error)
        map->base = got;
    watch(map);
    return error;
}

int mm_map_duplicate(const struct mm_map *map, void *address, struct mm_map **copy)
{
    if (map->len == 0 || !(map->share & MAP_SHARED) || (uintptr_t)address % mm__guard_page() != 0)
        return -EINVAL;
    struct mm_map *made = malloc(sizeof *made);
    if (!made)
        return -ENOMEM;
    *made = *map;
    made->place = NULL;
    made->dead = 0;
    made->fenced = false;
    atomic_init(&made->pins, 0);
    int error = 0;
    if (map->place && !(made->place = mm__guard_take()))
        error = -ENOMEM;
    void *got = MAP_FAILED;
    if (!error) {
        /* An old size of 0 leaves the old pages where they are. */
        got = mremap(map->base, 0, map->pages, MREMAP_MAYMOVE | (address ? MREMAP_FIXED : 0),
                     address);
        error = got == MAP_FAILED ? -errno : 0;
    }
    if (error) {
        mm__guard_give(made->place);
        free(made);
        return error;
    }
    made->base = got;
    made->room = made->pages;
    if (made->place)
        mm__guard_reset(made->place);
    watch(made);
    *copy = made;
    return 0;
}

int mm_map_trim(struct mm_map *map, size_t head, size_t tail)
{
    if (pinned(map))
        return -EBUSY;
    if (map->fenced || head > map->len || tail > map->len - head)
        return -EINVAL;
    if (head + tail == map->len) {
        release(map);
        return 0;
    }
    drop_rest(map);
    unsigned char *base = map->base;
    size_t pages = map->pages;
    size_t before = page_floor(map->skip + head);
    size_t kept = page_ceil(map->skip + map->len - tail);
    map->base += before;
    map->room = map->pages = kept - before;
    map->skip = map->skip + head - before;
    map->len -= head + tail;
    map->off += head;
    if (map->place)
        mm__guard_shift(map->place, before);
    watch(map);
    if (before > 0)
        munmap(base, before);
    if (kept < pages)
        munmap(base + kept, pages - kept);
    return 0;
}

int mm__map_range(const struct mm_map *map, size_t off, size_t len, unsigned char **start,
                  size_t *size)
{
    if (off > map->len || len > map->len - off)
        return -EINVAL;
    size_t from = page_floor(map->skip + off);
    *start = map->base + from;
    *size = len ? page_ceil(map->skip + off + len) - from : 0;
    return 0;
}

int mm__map_fd(const struct mm_map *map)
{
    return map->fd;
}

int mm_map_advise(struct mm_map *map, size_t off, size_t len, enum mm_advice advice)
{
    static const int kernel_words[] = {
        [MM_ADVICE_NORMAL] = MADV_NORMAL,
        [MM_ADVICE_RANDOM] = MADV_RANDOM,
        [MM_ADVICE_SEQUENTIAL] = MADV_SEQUENTIAL,
        [MM_ADVICE_WILLNEED] = MADV_WILLNEED,
        [MM_ADVICE_DONTNEED] = MADV_DONTNEED,
        [MM_ADVICE_POPULATE_READ] = MADV_POPULATE_READ,
        [MM_ADVICE_POPULATE_WRITE] = MADV_POPULATE_WRITE,
        [MM_ADVICE_COLD] = MADV_COLD,
        [MM_ADVICE_PAGEOUT] = MADV_PAGEOUT,
        [MM_ADVICE_HUGEPAGE] = MADV_HUGEPAGE,
    };
    unsigned char *start;
    size_t size;
    if ((unsigned)advice >= sizeof kernel_words / sizeof *kernel_words)
        return -EINVAL;
    int error = mm__map_range(map, off, len, &start, &size);
    if (error || size == 0)
        return error;
    if (madvise(start, size, kernel_words[advice]) == 0)
        return 0;
    error = -errno;
    /* Advice for no byte at all is refused only by a kernel that does not know it. */
    if (error == -EINVAL && madvise(start, 0, kernel_words[advice]) != 0)
        return 0;
    return error;
}

int mm_map_protect(struct mm_map *map, size_t off, size_t len, unsigned flags)
{
    unsigned char *start;
    size_t size;
    if (flags & ~(MM_MAP_WRITE | MM_MAP_EXEC | MM_MAP_NOACCESS))
        return -EINVAL;
    int error = mm__map_range(map, off, len, &start, &size);
    if (error || size == 0)
        return error;
    /* A page that stands in for a lost one must take what is now allowed. */
    map->granted |= protection(flags) & ~PROT_EXEC;
    watch(map);
    return mprotect(start, size, protection(flags)) == 0 ? 0 : -errno;
}

int mm_map_sync(struct mm_map *map, size_t off, size_t len, unsigned flags)
{
    const unsigned both = MM_SYNC_ASYNC | MM_SYNC_WAIT;
    unsigned char *start;
    size_t size;
    if ((flags & ~(both | MM_SYNC_INVALIDATE)) || (flags & both) == both)
        return -EINVAL;
    int how = (flags & MM_SYNC_ASYNC ? MS_ASYNC : 0) | (flags & MM_SYNC_WAIT ? MS_SYNC : 0) |
              (flags & MM_SYNC_INVALIDATE ? MS_INVALIDATE : 0);
    int error = mm__map_range(map, off, len, &start, &size);
    if (error || size == 0)
        return error;
    return msync(start, size, how) == 0 ? 0 : -errno;
}

int mm_map_zero(struct mm_map *map, size_t off, size_t len)
{
    if (off > map->len || len > map->len - off)
        return -EINVAL;
    size_t from = page_ceil(map->skip + off);
    size_t to = page_floor(map->skip + off + len);
    if (from >= to)
        return 0;
    void *got = mmap(map->base + from, to - from, PROT_READ,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED)
        return -errno;
    /* One fault and one shared page of zeroes for each 2 MiB; without, one for each page. */
    madvise(got, to - from, MADV_HUGEPAGE);
    return 0;
}

/* Why a page of the file could not be had. */
static int cause(const struct mm_map *map, uint64_t offset, uint64_t *from)
{
    struct stat st;
    if (fstat(map->fd, &st) != 0)
        return -errno;
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size <= offset) {
        *from = (uint64_t)st.st_size;
        return -ESTALE;
    }
    /* A store into a hole: asked for the room of that page, the file system says why not. */
    if ((map->granted & PROT_WRITE) && (map->share & MAP_SHARED) &&
        fallocate(map->fd, FALLOC_FL_KEEP_SIZE, (off_t)offset, 1) != 0 &&
        (errno == ENOSPC || errno == EDQUOT))
        return -errno;
    return -EIO;
}

int mm_map_fault(const struct mm_map *map, struct mm_fault *fault)
{
    struct mm_fault found = {0, 0};
    size_t lost = map->place ? mm__guard_lost(map->place) : GUARD_INTACT;
    if (lost != GUARD_INTACT) {
        /* The page may begin before the first byte asked for. */
        found.offset = map->off + (lost > map->skip ? lost - map->skip : 0);
        found.error = cause(map, found.offset, &found.offset);
    }
    *fault = found;
    return found.error;
}
