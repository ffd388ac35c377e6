/* SPDX-License-Identifier: MIT */
/* Going on in the background, and the file that says which process does. */
#ifndef MCACHE_DAEMON_H
#define MCACHE_DAEMON_H

/*
 * daemon_begin -- go on in a child, in a session of its own.
 *
 * The parent waits until the child is ready, and exits then with the status that it gives; where
 * the child ends before, with its status.  The working directory stays, so that relative names keep
 * their meaning.  To be called by a process without threads and with empty buffers.
 */
void daemon_begin(void);

/*
 * daemon_ready -- let the parent go, with `status`, and part from the terminal; messages go to
 * syslog(3).
 */
void daemon_ready(int status);

/*
 * pidfile_take -- write this process's number to the file `name`.
 *
 * It is locked while the process lives: ends the program where another one holds it, or on
 * trouble.  pidfile_drop -- remove it.  NULL is no file.
 */
void pidfile_take(const char *name);
void pidfile_drop(const char *name);

#endif
