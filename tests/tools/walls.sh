#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may know what: the house's floors, checked by grep.  Argument: the source tree.

cd "$1" || exit 2
status=0

# nobody WHAT PATTERN FILE... -- no line of these files matches; comments do not count.
nobody() {
    what=$1 pattern=$2
    shift 2
    [ $# -gt 0 ] || return 0
    found=$(grep -nE -e "$pattern" -- "$@" /dev/null | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)')
    [ -z "$found" ] && return 0
    printf '%s:\n%s\n\n' "$what" "$found"
    status=1
}

# sources DIRECTORY... [! -path PATTERN]... -- the C files below.
sources() {
    find "$@" \( -name '*.c' -o -name '*.h' \) -type f | sort
}

tools=$(sources utils)
library=$(sources libmm)
common=$(sources utils/common)
outside_archive=$(sources utils libmm ! -path 'utils/archive/*')
outside_json=$(sources utils libmm ! -path 'utils/mgrep/json.c' ! -path 'utils/mcopy/json.c')
outside_mgrep=$(sources utils libmm ! -path 'utils/mgrep/*')
include='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]'

nobody 'only libmm maps' "$include(sys/mman|linux/mman|asm/mman)" $tools
nobody 'only libmm maps' '\<(mmap|mmap64|munmap|mremap|madvise|msync|mincore|remap_file_pages)\(' $tools
nobody 'only utils/archive knows libarchive' "${include}archive(_entry)?\\.h" $outside_archive
nobody 'only utils/mgrep knows a regex library' "$include(pcre2|regex|hs|hs/hs)\\.h" $outside_mgrep
nobody 'only the json.c of mgrep and mcopy know jansson' "${include}jansson\\.h" $outside_json
nobody 'no call that moves the bytes of a file' \
    '\<(pread|pread64|preadv2?|readv|fread|fgets|fgetc|getc|getchar|getdelim|getline|scanf|fscanf|pwrite|pwrite64|pwritev2?|copy_file_range|sendfile|sendfile64|splice|posix_fallocate)[[:space:]]*\(' \
    $tools $library
nobody 'libmm prints, exits and parses nothing' \
    '\<(printf|fprintf|vprintf|vfprintf|dprintf|puts|fputs|putchar|perror|err|errx|warn|warnx|error|syslog|exit|_exit|_Exit|abort|getopt|getopt_long)[[:space:]]*\(' \
    $library
nobody 'libmm knows no tool' "$include(common|archive|mcat|mgrep|mcmp|mcopy|mtail|mcache)/" $library
nobody 'common knows no tool' "$include(mgrep|mcopy|mtail|mcache|mcat|mcmp)/" $common
nobody 'libmm is called by its public header only' "$include(\\.\\./|guard\\.h|map\\.h|scan\\.h|ring\\.h)" $tools

# A tool in a folder includes its own folder, common/ and archive/, and nobody else's.
for folder in utils/*/; do
    name=$(basename "$folder")
    case $name in common | archive) continue ;; esac
    others=$(ls -d utils/*/ | xargs -n1 basename | grep -vxE "common|archive|$name" | paste -sd'|')
    [ -n "$others" ] && nobody "utils/$name knows no other tool" "$include($others)/" $(sources "$folder")
done

[ $status -eq 0 ] && echo 'every wall stands'
exit $status
