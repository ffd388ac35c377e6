/* SPDX-License-Identifier: MIT */
/* A machine whose file systems know no unnamed files (O_TMPFILE), as vfat or NFS. */
#ifndef HARNESS_UNNAMED_H
#define HARNESS_UNNAMED_H

/*
 * refuse_unnamed_files -- from now on, in this process and its children, or skip aloud.
 *
 * There is no way back: such tests stand last in their program.
 */
void refuse_unnamed_files(void);

#endif
