/* SPDX-License-Identifier: MIT */
/*
 * Work done apart: in a child, or in a thread that has fewer rights than the test
 * has or to which the kernel refuses a system call.
 *
 * cmocka's asserts must not be used there: they jump into the test's own stack.
 * Work answers a number, an error of libmm as a rule; expect() answers for it.
 */
#ifndef UNIT_APART_H
#define UNIT_APART_H

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "files.h"

#define NOBODY 65534

/* What work answers when it could not be begun: the test is skipped then. */
#define NOT_POSSIBLE 9999

/* expect -- in work: say what does not hold, and answer 1. */
#define expect(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("%s:%d: expected %s\n", __FILE__, __LINE__, #condition);                   \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

/* in_child -- what waitpid(2) says of a child that exits with what `work` answers. */
static inline int in_child(int (*work)(void *), void *argument)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(work(argument));
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* valgrind would report the access that a child is to die of, as an error of the test. */
static inline void skip_under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    if (preloaded && strstr(preloaded, "vgpreload"))
        skip_aloud("valgrind would take the forbidden access for an error");
}

#define assert_killed_by(signal, status)                                                           \
    do {                                                                                           \
        assert_true(WIFSIGNALED(status));                                                          \
        assert_int_equal(WTERMSIG(status), signal);                                                \
    } while (0)

/* A system call that fails; only with one of `bits` in its argument number `argument`, if any. */
struct refusal {
    int call;
    int error;
    unsigned argument;
    uint32_t bits;
};

struct apart {
    const struct refusal *refusal;
    int capability; /* to be dropped, -1: none */
    bool nobody;
    int (*work)(void *);
    void *argument;
    int answer;
};

static inline int refuse(const struct refusal *refusal)
{
    const unsigned low = offsetof(struct seccomp_data, args) + 8 * refusal->argument;
    const unsigned error = SECCOMP_RET_ERRNO | (unsigned)refusal->error;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)refusal->call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, refusal->bits, 0, refusal->bits ? 1 : 0),
        BPF_STMT(BPF_RET | BPF_K, error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                   syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0
               ? 0
               : -1;
}

static inline int drop(int capability)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0)
        return -1;
    data[capability / 32].effective &= ~(1u << capability % 32);
    return (int)syscall(SYS_capset, &header, data);
}

/* The system calls change this thread alone, libc's functions would change them all. */
static inline void *begin_apart(void *argument)
{
    struct apart *apart = argument;
    if ((apart->capability >= 0 && drop(apart->capability) != 0) ||
        (apart->nobody && syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) != 0) ||
        (apart->refusal && refuse(apart->refusal) != 0))
        apart->answer = NOT_POSSIBLE;
    else
        apart->answer = apart->work(apart->argument);
    return NULL;
}

static inline int run_apart(struct apart *apart)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, begin_apart, apart), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (apart->answer == NOT_POSSIBLE)
        skip_aloud("a thread's rights cannot be changed here");
    return apart->answer;
}

/* refused -- what `work` answers where a system call is refused. */
static inline int refused(struct refusal refusal, int (*work)(void *), void *argument)
{
    if (SANITIZED && refusal.call == SYS_mmap)
        skip_aloud("a sanitizer ends the program without mmap(2)");
    return run_apart(&(struct apart){&refusal, -1, false, work, argument, 0});
}

/* without -- what `work` answers without a capability. */
static inline int without(int capability, int (*work)(void *), void *argument)
{
    return run_apart(&(struct apart){NULL, capability, false, work, argument, 0});
}

/* as_nobody -- what `work` answers to a user who owns nothing; root's test only. */
static inline int as_nobody(int (*work)(void *), void *argument)
{
    if (geteuid() != 0)
        skip_aloud("only root can act as somebody else");
    return run_apart(&(struct apart){NULL, -1, true, work, argument, 0});
}

#endif
