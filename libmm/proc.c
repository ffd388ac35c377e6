/* SPDX-License-Identifier: MIT */
/* Numbers out of /proc, whose files cannot be mapped. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

int mm__proc_number(const char *path, const char *field, int64_t *number)
{
    char text[8192]; /* four times what status or meminfo hold today */
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t len = read(fd, text, sizeof text - 1);
    int error = len < 0 ? -errno : 0;
    close(fd);
    if (error)
        return error;
    text[len] = '\0';

    const char *line = text;
    while (line && strncmp(line, field, strlen(field)) != 0) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    if (!line)
        return -ENODATA;
    line += strlen(field);
    char *end;
    long long value = strtoll(line, &end, 10);
    if (end == line)
        return -ENODATA;
    *number = value;
    return 0;
}
