/* SPDX-License-Identifier: MIT */
/*
 * The filter, by hand: it is a list of calls with two arguments looked at, and libseccomp takes
 * half a millisecond to load and to make the same of it, as long as many an archive takes.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "archive/sandbox.h"

#if defined __x86_64__
#define MACHINE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define MACHINE AUDIT_ARCH_AARCH64
#endif

/* As in <sys/mman.h>, which is libmm's. */
#define EXECUTABLE 0x04u
#define ANONYMOUS  0x20u

#define WORD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define ALLOW_IT                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define END_IT                  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define UNLESS_CALL(call, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, skip)
#define ALLOW(call)             UNLESS_CALL(call, 1), ALLOW_IT
/* The low word of an argument: both machines begin with it. */
#define ARGUMENT(n)        WORD(args[n])
#define HAS(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, yes, no)

bool sandbox_is_there(void)
{
#ifdef MACHINE
    unsigned action = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
#else
    return false;
#endif
}

int sandbox_enter(void)
{
#ifdef MACHINE
    struct sock_filter list[] = {
        WORD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
        END_IT,
        WORD(nr),
        ALLOW(futex),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(madvise),
        ALLOW(brk),
        ALLOW(clock_gettime),
        ALLOW(rt_sigreturn),
        ALLOW(exit),
        ALLOW(exit_group),
#ifdef __SANITIZE_ADDRESS__
        ALLOW(sigaltstack), /* by what stands before every function that does not return */
#endif
        UNLESS_CALL(mprotect, 4),
        ARGUMENT(2),
        HAS(EXECUTABLE, 0, 1),
        END_IT,
        ALLOW_IT,
        UNLESS_CALL(mmap, 5),
        ARGUMENT(2),
        HAS(EXECUTABLE, 3, 0),
        ARGUMENT(3),
        HAS(ANONYMOUS, 0, 1),
        ALLOW_IT,
        END_IT,
    };
    struct sock_fprog program = {sizeof list / sizeof *list, list};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return -errno;
    return 0;
#else
    return -ENOSYS;
#endif
}
