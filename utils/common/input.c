/* SPDX-License-Identifier: MIT */
/* Operands to inputs. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/input.h"
#include "common/members.h"
#include "common/message.h"

int input_open(struct input *input, const char *operand, struct mm_scan *scan)
{
    bool standard = strcmp(operand, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(operand, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = mm_scan_open(scan, fd, standard ? MM_SCAN_HERE : 0);
    if (error) {
        if (!standard)
            close(fd);
        return error;
    }
    *input = (struct input){operand, fd, standard, scan, NULL};
    return 0;
}

void input_close(struct input *input, uint64_t offset)
{
    if (!input->standard && input->fd >= 0)
        close(input->fd);
    else if (input->standard && mm_scan_mapped(input->scan))
        lseek(input->fd, (off_t)offset, SEEK_SET);
    input->fd = -1;
}

void input_trouble(const struct input *input, const char *name, int error)
{
    struct mm_fault fault;
    mm_scan_fault(input->scan, &fault);
    if (fault.error)
        message("%s: %s, at byte %" PRIu64, name, mm_strerror(error), fault.offset);
    else if (error == -EBADMSG && input->members)
        message("%s: %s", name, members_words(input->members));
    else if (error == -ENOMEM)
        message("%s: memory exhausted", name);
    else if (error == -ESPIPE)
        message("%s: only a file has parts", name);
    else
        message_name(name, error);
}
