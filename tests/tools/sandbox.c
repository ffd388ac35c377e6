/* SPDX-License-Identifier: MIT */
/* What a process in the sandbox may do, and what a tool does where there is none. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "archive/sandbox.h"
#include "archives.h"
#include "harness.h"

/* How a child ends that goes into the sandbox and does this. */
static int ends_by(void (*deed)(void))
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSYS, SIG_DFL);
        if (sandbox_enter() != 0)
            _exit(77);
        deed();
        syscall(SYS_exit_group, 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void open_file(void)
{
    syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static void make_socket(void)
{
    syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static void execute(void)
{
    char *const none[] = {NULL};
    syscall(SYS_execve, "/bin/true", none, none);
}

static void fork_once(void)
{
    syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void write_output(void)
{
    syscall(SYS_write, STDOUT_FILENO, "", 0);
}

static void signal_parent(void)
{
    syscall(SYS_kill, getppid(), SIGTERM);
}

static void map_file(void)
{
    syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
}

static void map_code(void)
{
    syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static unsigned char *page;

static void make_code(void)
{
    syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
}

static void use_memory(void)
{
    long at =
        syscall(SYS_mmap, NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    syscall(SYS_mprotect, at, 4096, PROT_READ);
    syscall(SYS_madvise, at, 8192, MADV_DONTNEED);
    syscall(SYS_munmap, at, 8192);
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
}

static void what_does_harm_ends_the_process(void **state)
{
    static void (*const deeds[])(void) = {open_file, make_socket,  execute,
                                          fork_once, write_output, signal_parent,
                                          map_file,  map_code,     make_code};
    (void)state;
    if (!sandbox_is_there())
        skip_aloud("this kernel has no seccomp");
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 9; i++) {
        int status = ends_by(deeds[i]);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
            fail_msg("deed %d was not stopped: status %x", i, status);
    }
}

static void memory_and_the_clock_may_be_used(void **state)
{
    (void)state;
    if (!sandbox_is_there())
        skip_aloud("this kernel has no seccomp");
    assert_int_equal(ends_by(use_memory), 0);
}

/* Be a kernel without seccomp: from here on, seccomp(2) is not there. */
static int without_seccomp(char *argv[])
{
    struct sock_filter list[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof list / sizeof *list, list};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return 77;
    execv(argv[0], argv);
    return 127;
}

static void tool_without_a_sandbox_says_so_or_refuses(void **state)
{
    struct sandbox *box = *state;
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(len > 0);
    self[len] = '\0';
    if (!sandbox_is_there())
        skip_aloud("this kernel has no seccomp");
    const char *built = getenv("MMUTILS_BIN") ? getenv("MMUTILS_BIN") : MMUTILS_BUILT;
    const char *tool = box_format(box, "%s/mcat", built);
    box_fill(box, "f", text("content\n"));
    shell(box, "gzip -c f >f.gz");
    struct run r = box_run(box, self, "--without", tool, "-J", "f.gz", "f.gz", NULL);
    assert_run(&r, 0, "content\ncontent\n",
               "mcat: warning: this kernel has no sandbox (seccomp): archives are decoded "
               "without\n");
    r = box_run(box, self, "--without", tool, "-J", "--sandbox=require", "f.gz", NULL);
    assert_run(&r, 1, "", "mcat: this kernel has no sandbox (seccomp) to decode archives in\n");
    r = box_run(box, "mcat", "-J", "--sandbox=require", "f.gz", NULL);
    assert_run(&r, 0, "content\n", "");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(what_does_harm_ends_the_process),
        TEST(memory_and_the_clock_may_be_used),
        TEST(tool_without_a_sandbox_says_so_or_refuses),
    };
    if (argc > 2 && strcmp(argv[1], "--without") == 0)
        return without_seccomp(argv + 2);
    return run_named(argc, argv, tests);
}
