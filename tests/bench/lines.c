/* SPDX-License-Identifier: MIT */
/*
 * bench-lines map FILE, bench-lines read FILE -- count newlines with the same loop, through
 * mm_scan or through pread(2) into a buffer of 1 MiB: what a window costs beside a copy.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/count.h"

#define BUFFER ((size_t)1 << 20)

static size_t by_map(int fd)
{
    struct mm_scan *scan;
    struct mm_view view;
    size_t lines = 0;
    if (mm_scan_new(0, &scan) != 0 || mm_scan_open(scan, fd, 0) != 0)
        exit(1);
    while (mm_scan_more(scan, 1, &view) == 0 && view.len > 0) {
        lines += count_byte(view.data, view.len, '\n');
        mm_scan_consume(scan, view.len);
    }
    if (mm_scan_check(scan) != 0)
        exit(1);
    mm_scan_free(scan);
    return lines;
}

static size_t by_read(int fd)
{
    unsigned char *buffer = malloc(BUFFER);
    size_t lines = 0;
    ssize_t got;
    if (!buffer)
        exit(1);
    for (off_t off = 0; (got = pread(fd, buffer, BUFFER, off)) > 0; off += got)
        lines += count_byte(buffer, (size_t)got, '\n');
    if (got < 0)
        exit(1);
    free(buffer);
    return lines;
}

int main(int argc, char *argv[])
{
    int fd = argc == 3 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 1;
    printf("%zu\n", strcmp(argv[1], "map") == 0 ? by_map(fd) : by_read(fd));
    return 0;
}
