/* SPDX-License-Identifier: MIT */
/* Counts the lines of a file with an installed libmm, as another project would. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <libmm/mm.h>

int main(int argc, char *argv[])
{
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    struct mm_scan *scan;
    if (fd < 0 || mm_scan_new(0, &scan) != 0)
        return 1;

    size_t lines = 0;
    struct mm_view view;
    int error = mm_scan_open(scan, fd, 0);
    while (!error && (error = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
        const unsigned char *at = view.data, *end = view.data + view.len;
        while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
            lines++;
            at++;
        }
        mm_scan_consume(scan, view.len);
    }
    mm_scan_free(scan);
    if (error) {
        fprintf(stderr, "%s: %s\n", argv[1], mm_strerror(error));
        return 1;
    }
    printf("%s %zu\n", mm_version(), lines);
    return 0;
}
