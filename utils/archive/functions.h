/* SPDX-License-Identifier: MIT */
/* The functions of libarchive that are called, by pointers: it is loaded when it is first needed.
 */
#ifndef ARCHIVE_FUNCTIONS_H
#define ARCHIVE_FUNCTIONS_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

#define FUNCTIONS(X)                                                                               \
    X(read_new)                                                                                    \
    X(read_free)                                                                                   \
    X(read_support_filter_gzip)                                                                    \
    X(read_support_filter_bzip2)                                                                   \
    X(read_support_filter_xz)                                                                      \
    X(read_support_filter_zstd)                                                                    \
    X(read_support_filter_lz4)                                                                     \
    X(read_support_filter_lzip)                                                                    \
    X(read_support_filter_compress)                                                                \
    X(read_support_format_tar)                                                                     \
    X(read_support_format_cpio)                                                                    \
    X(read_support_format_ar)                                                                      \
    X(read_support_format_zip)                                                                     \
    X(read_support_format_raw)                                                                     \
    X(read_support_format_empty)                                                                   \
    X(read_support_format_7zip)                                                                    \
    X(read_support_format_iso9660)                                                                 \
    X(read_set_read_callback)                                                                      \
    X(read_set_skip_callback)                                                                      \
    X(read_set_seek_callback)                                                                      \
    X(read_set_callback_data)                                                                      \
    X(read_open1)                                                                                  \
    X(read_next_header)                                                                            \
    X(read_data_block)                                                                             \
    X(error_string)                                                                                \
    X(format)                                                                                      \
    X(write_new)                                                                                   \
    X(write_free)                                                                                  \
    X(write_fail)                                                                                  \
    X(write_open)                                                                                  \
    X(write_close)                                                                                 \
    X(write_header)                                                                                \
    X(write_data)                                                                                  \
    X(write_set_format_pax)                                                                        \
    X(write_set_format_zip)                                                                        \
    X(write_set_bytes_in_last_block)                                                               \
    X(write_add_filter_gzip)                                                                       \
    X(write_add_filter_bzip2)                                                                      \
    X(write_add_filter_xz)                                                                         \
    X(write_add_filter_zstd)                                                                       \
    X(write_add_filter_lz4)                                                                        \
    X(entry_new)                                                                                   \
    X(entry_free)                                                                                  \
    X(entry_clear)                                                                                 \
    X(entry_copy_stat)                                                                             \
    X(entry_unset_atime)                                                                           \
    X(entry_unset_ctime)                                                                           \
    X(entry_copy_pathname)                                                                         \
    X(entry_copy_uname)                                                                            \
    X(entry_copy_gname)                                                                            \
    X(entry_copy_hardlink)                                                                         \
    X(entry_copy_symlink)                                                                          \
    X(entry_set_size)                                                                              \
    X(entry_sparse_add_entry)                                                                      \
    X(entry_filetype)                                                                              \
    X(entry_gid)                                                                                   \
    X(entry_hardlink)                                                                              \
    X(entry_is_encrypted)                                                                          \
    X(entry_mode)                                                                                  \
    X(entry_mtime)                                                                                 \
    X(entry_mtime_nsec)                                                                            \
    X(entry_pathname)                                                                              \
    X(entry_size)                                                                                  \
    X(entry_size_is_set)                                                                           \
    X(entry_sparse_count)                                                                          \
    X(entry_symlink)                                                                               \
    X(entry_uid)

#define POINTER(name) __typeof__(archive_##name) *name;
struct functions {
    FUNCTIONS(POINTER)
};
#undef POINTER

/* functions_load -- once; returns NULL where the library, or a function of it, is not there. */
const struct functions *functions_load(void);

#endif
