/* SPDX-License-Identifier: MIT */
/* The line of progress, as a terminal gets it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

#include "common/message.h"
#include "common/progress.h"

#include "harness.h"

#define MIB ((uint64_t)1 << 20)

/* A terminal in the place of standard error, which the harness itself needs for failures. */
struct terminal {
    int master, kept;
};

static void take_terminal(struct terminal *terminal, unsigned short columns)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios settings;
    assert_int_equal(tcgetattr(slave, &settings), 0);
    cfmakeraw(&settings);
    tcsetattr(slave, TCSANOW, &settings);
    ioctl(slave, TIOCSWINSZ, &(struct winsize){.ws_col = columns});
    fcntl(master, F_SETFL, O_NONBLOCK);
    *terminal = (struct terminal){master, dup(STDERR_FILENO)};
    dup2(slave, STDERR_FILENO);
    close(slave);
    start("tool");
}

static void give_terminal_back(const struct terminal *terminal)
{
    dup2(terminal->kept, STDERR_FILENO);
    close(terminal->kept);
    close(terminal->master);
}

/* What was written to the terminal since it was looked at last. */
static const char *seen(struct sandbox *box, const struct terminal *terminal)
{
    char *text = box_keep(box, 1024);
    size_t len = 0;
    struct pollfd more = {.fd = terminal->master, .events = POLLIN};
    /* What was written may come in parts. */
    while (poll(&more, 1, len > 0 ? 20 : 0) > 0) {
        ssize_t got = read(terminal->master, text + len, 1023 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    text[len] = '\0';
    return text;
}

static void wait_for(unsigned milliseconds)
{
    usleep(milliseconds * 1000);
}

static void line_tells_share_rate_and_time_left(void **state)
{
    struct terminal terminal;
    take_terminal(&terminal, 0);
    progress_start(1024 * MIB);
    wait_for(600);
    progress_add(256 * MIB);
    const char *line = seen(*state, &terminal);
    progress_end();
    give_terminal_back(&terminal);
    int rate, left, end = 0;
    sscanf(line, "\rtool: 256 MiB of 1.0 GiB, 25 %%, %d MiB/s, 0:%d left%n", &rate, &left, &end);
    assert_int_equal(end, strlen(line));
    assert_in_range(rate, 10, 427);
    assert_in_range(left, 1, 59);
}

static void line_of_unknown_total_tells_time_gone(void **state)
{
    struct terminal terminal;
    take_terminal(&terminal, 0);
    progress_start(0);
    wait_for(600);
    progress_add(3 * MIB / 2);
    const char *line = seen(*state, &terminal);
    progress_end();
    give_terminal_back(&terminal);
    double rate;
    int gone, end = 0;
    sscanf(line, "\rtool: 1.5 MiB, %lf %*[KM]iB/s, 0:%d%n", &rate, &gone, &end);
    assert_int_equal(end, strlen(line));
    assert_in_range(gone, 1, 59);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void line_does_not_appear_at_once_and_not_too_often(void **state)
{
    struct terminal terminal;
    const char *early, *first, *again;
    double start, pause;
    take_terminal(&terminal, 0);
    do { /* until nothing else on the machine makes the wait longer */
        start = seconds_now();
        progress_start(1024 * MIB);
        progress_add(MIB);
        early = seen(*state, &terminal);
        pause = seconds_now() - start;
        wait_for(600);
        start = seconds_now();
        progress_add(MIB);
        first = seen(*state, &terminal);
        progress_add(MIB);
        again = seen(*state, &terminal);
        pause += seconds_now() - start;
        progress_end();
        seen(*state, &terminal);
    } while (pause > 0.15);
    give_terminal_back(&terminal);
    assert_string_equal(early, "");
    assert_string_not_equal(first, "");
    assert_string_equal(again, "");
}

static void line_is_erased_for_a_message_and_at_the_end(void **state)
{
    struct terminal terminal;
    take_terminal(&terminal, 10);
    progress_start(0);
    wait_for(600);
    progress_add(2 * MIB);
    const char *line = seen(*state, &terminal);
    message("hello");
    const char *said = seen(*state, &terminal);
    wait_for(250);
    progress_add(MIB);
    const char *next = seen(*state, &terminal);
    progress_end();
    const char *end = seen(*state, &terminal);
    message("bye");
    const char *last = seen(*state, &terminal);
    give_terminal_back(&terminal);
    assert_string_equal(line, "\rtool: 2.0"); /* nine columns of ten */
    assert_string_equal(said, "\r         \rtool: hello\n");
    assert_string_equal(next, "\rtool: 3.0");
    assert_string_equal(end, "\r         \r");
    assert_string_equal(last, "tool: bye\n");
}

static void what_was_skipped_counts_for_the_share_only(void **state)
{
    struct terminal terminal;
    take_terminal(&terminal, 0);
    progress_start(1024 * MIB);
    progress_add(MIB);
    progress_skip_to(511 * MIB);
    progress_skip_to(5 * MIB); /* that is behind us */
    wait_for(600);
    progress_add(MIB);
    const char *line = seen(*state, &terminal);
    progress_end();
    give_terminal_back(&terminal);
    const char *begin = "\rtool: 512 MiB of 1.0 GiB, 50 %, ";
    assert_memory_equal(line, begin, strlen(begin));
    double rate;
    char unit;
    assert_int_equal(sscanf(line + strlen(begin), "%lf %ciB/s", &rate, &unit), 2);
    assert_true(unit == 'K' || rate < 4);
}

static void nothing_is_drawn_where_there_is_no_terminal(void **state)
{
    int ends[2], kept = dup(STDERR_FILENO);
    char byte;
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    dup2(ends[1], STDERR_FILENO);
    progress_start(MIB);
    wait_for(600);
    progress_add(MIB / 2);
    progress_end();
    dup2(kept, STDERR_FILENO);
    assert_int_equal(read(ends[0], &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(line_tells_share_rate_and_time_left),
        TEST(line_of_unknown_total_tells_time_gone),
        TEST(line_does_not_appear_at_once_and_not_too_often),
        TEST(line_is_erased_for_a_message_and_at_the_end),
        TEST(what_was_skipped_counts_for_the_share_only),
        TEST(nothing_is_drawn_where_there_is_no_terminal),
    };
    return run_named(argc, argv, tests);
}
