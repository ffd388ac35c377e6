/* SPDX-License-Identifier: MIT */
/* An archive that is written, by libarchive. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "archive/functions.h"
#include "archive/pack.h"

struct pack {
    const struct functions *libarchive;
    struct archive *archive;
    struct archive_entry *entry;
    locale_t locale; /* names are UTF-8, or bytes, whatever the user's is */
    bool zip;
    int (*store)(void *context, const void *data, size_t len);
    void *context;
};

typedef int add(struct archive *archive);

static const char *const names[] = {"tar",     "tar.gz",  "tar.bz2", "tar.xz",
                                    "tar.zst", "tar.lz4", "zip"};

bool pack_knows(const char *format)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(format, names[i]) == 0)
            return true;
    return false;
}

static la_ssize_t store(struct archive *archive, void *context, const void *data, size_t len)
{
    struct pack *pack = context;
    (void)archive;
    return pack->store(pack->context, data, len) == 0 ? (la_ssize_t)len : -1;
}

/* What the library does not have in itself it would leave to a program, with a warning. */
static bool set_format(struct pack *pack, const char *format)
{
    const struct functions *f = pack->libarchive;
    add *const filters[] = {NULL,
                            f->write_add_filter_gzip,
                            f->write_add_filter_bzip2,
                            f->write_add_filter_xz,
                            f->write_add_filter_zstd,
                            f->write_add_filter_lz4};
    if (pack->zip)
        return f->write_set_format_zip(pack->archive) == ARCHIVE_OK;
    if (f->write_set_format_pax(pack->archive) != ARCHIVE_OK)
        return false;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (filters[i] && strcmp(format, names[i]) == 0)
            return filters[i](pack->archive) == ARCHIVE_OK;
    return true;
}

int pack_begin(const char *format, int (*to)(void *context, const void *data, size_t len),
               void *context, struct pack **pack)
{
    const struct functions *f = functions_load();
    if (!f)
        return -ELIBACC;
    struct pack *p = malloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    *p = (struct pack){.libarchive = f,
                       .archive = f->write_new(),
                       .entry = f->entry_new(),
                       .locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0),
                       .zip = strcmp(format, "zip") == 0,
                       .store = to,
                       .context = context};
    int error = p->archive && p->entry ? 0 : -ENOMEM;
    if (!error && !set_format(p, format))
        error = -ELIBACC;
    if (!error) {
        f->write_set_bytes_in_last_block(p->archive, 1);
        if (f->write_open(p->archive, p, NULL, store, NULL) != ARCHIVE_OK)
            error = -ENOMEM;
    }
    if (error)
        pack_free(p);
    else
        *pack = p;
    return error;
}

bool pack_links(const struct pack *pack)
{
    return !pack->zip;
}

bool pack_holes(const struct pack *pack)
{
    return !pack->zip;
}

static int meaning(int result)
{
    return result == ARCHIVE_FATAL ? -EIO : result < ARCHIVE_WARN ? -EBADMSG : 0;
}

int pack_member(struct pack *pack, const struct pack_member *member)
{
    const struct functions *f = pack->libarchive;
    struct archive_entry *entry = f->entry_clear(pack->entry);
    locale_t before = pack->locale ? uselocale(pack->locale) : (locale_t)0;
    f->entry_copy_stat(entry, member->st);
    /* Another run of the same tree gives the same archive. */
    f->entry_unset_atime(entry);
    f->entry_unset_ctime(entry);
    f->entry_copy_pathname(entry, member->name);
    if (member->user)
        f->entry_copy_uname(entry, member->user);
    if (member->group)
        f->entry_copy_gname(entry, member->group);
    if (member->link && member->hard_link)
        f->entry_copy_hardlink(entry, member->link);
    else if (member->link)
        f->entry_copy_symlink(entry, member->link);
    if (!S_ISREG(member->st->st_mode) || member->link)
        f->entry_set_size(entry, 0);
    for (size_t i = 0; member->extents && i < member->extent_count; i++)
        f->entry_sparse_add_entry(entry, (la_int64_t)member->extents[i].off,
                                  (la_int64_t)member->extents[i].len);
    int result = f->write_header(pack->archive, entry);
    if (before)
        uselocale(before);
    return meaning(result);
}

int pack_data(struct pack *pack, const void *data, size_t len)
{
    while (len > 0) {
        la_ssize_t done = pack->libarchive->write_data(pack->archive, data, len);
        if (done <= 0)
            return done < 0 ? -EIO : -EBADMSG;
        data = (const char *)data + done;
        len -= (size_t)done;
    }
    return 0;
}

int pack_finish(struct pack *pack)
{
    return meaning(pack->libarchive->write_close(pack->archive)) ? -EIO : 0;
}

const char *pack_words(const struct pack *pack)
{
    const char *words = pack->libarchive->error_string(pack->archive);
    return words && *words ? words : "it cannot be put into an archive";
}

void pack_free(struct pack *pack)
{
    if (!pack)
        return;
    if (pack->entry)
        pack->libarchive->entry_free(pack->entry);
    if (pack->archive) {
        /* What is not finished is not wanted, though its filters then keep some memory. */
        pack->libarchive->write_fail(pack->archive);
        pack->libarchive->write_free(pack->archive);
    }
    if (pack->locale)
        freelocale(pack->locale);
    free(pack);
}
