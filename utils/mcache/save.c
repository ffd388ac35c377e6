/* SPDX-License-Identifier: MIT */
/* A state, written. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/message.h"
#include "mcache/file.h"
#include "mcache/save.h"

struct save {
    const char *name;
    char *folder; /* that relative names count from, or NULL */
    struct mm_output *output;
};

/* The output was not published: nothing of it is left. */
static _Noreturn void fail(struct save *save, int error)
{
    mm_output_close(save->output);
    xfail(exit_trouble, "%s: %s", quote_controls(save->name), mm_strerror(error));
}

static void put(struct save *save, const char *text, size_t len)
{
    while (len > 0) {
        struct mm_span span;
        int error = mm_output_window(save->output, len, &span);
        if (error)
            fail(save, error);
        size_t part = span.len < len ? span.len : len;
        memcpy(span.data, text, part);
        error = mm_output_commit(save->output, part);
        if (error)
            fail(save, error);
        text += part;
        len -= part;
    }
}

struct save *save_new(const char *name)
{
    char head[64];
    struct save *save = xmalloc(sizeof *save);
    *save = (struct save){.name = name, .folder = getcwd(NULL, 0)};
    int error = mm_output_new(AT_FDCWD, name, 0666, MM_OUTPUT_REPLACE, &save->output);
    if (error)
        fail(save, error);
    put(save, head, (size_t)snprintf(head, sizeof head, STATE_HEAD "\npage %zu\n", mm_page_size()));
    return save;
}

static void put_path(struct save *save, const char *path)
{
    for (size_t len; *path; path += len) {
        len = strcspn(path, "\\\n");
        put(save, path, len);
        if (path[len]) {
            put(save, path[len] == '\n' ? "\\n" : "\\\\", 2);
            len++;
        }
    }
}

void save_file(struct save *save, struct file *file)
{
    char line[64];
    uint64_t page = mm_page_size();
    put(save, line, (size_t)snprintf(line, sizeof line, "file %" PRIu64 " ", file->size));
    if (file->name[0] != '/' && save->folder) {
        put_path(save, save->folder);
        put(save, "/", save->folder[1] ? 1 : 0);
    }
    put_path(save, file->name);
    put(save, "\n", 1);
    for (size_t i = 0; i < file->run_count; i++) {
        const struct mm_run *run = &file->runs[i];
        put(save, line,
            (size_t)snprintf(line, sizeof line, "run %" PRIu64 " %" PRIu64 "\n", run->off / page,
                             run->len / page));
    }
    free(file->runs);
    file->runs = NULL;
}

void save_end(struct save *save, bool good)
{
    int error = good ? mm_output_publish(save->output, true) : 0;
    if (error)
        fail(save, error);
    mm_output_close(save->output);
    free(save->folder);
    free(save);
}
