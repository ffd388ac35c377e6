#!/bin/sh
# SPDX-License-Identifier: MIT
# pages.sh TREE TOOL: the tool's --help, its manual page and its completion name the
# same options.  pages.sh TREE: mandoc has nothing to say of any page.

source=$1 program=$2
if [ -z "$program" ]; then
    command -v mandoc >/dev/null || { echo 'skipped: mandoc is absent'; exit 77; }
    exec mandoc -T lint -W warning "$source"/man/*.[137]
fi

tool=$(basename "$program")
page=$source/man/$tool.1 completion=$source/completions/bash/$tool
status=0
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

# Options as they are written in running text: -x, -xARG and --name, one a line; -NUM is
# a number.
options() {
    sed 's/-NUM//' | grep -oE -- '(^|[][[:space:],|("'"'"'=])--?[A-Za-z0-9][A-Za-z0-9-]*' |
        sed -E 's/^[^-]//; s/^(-[A-Za-z0-9])[^-]*$/\1/' | sort -u
}

# difference WHERE FILE WHERE FILE -- what the first file has that the second lacks.
difference() {
    missing=$(comm -23 "$2" "$4" | tr '\n' ' ')
    [ -z "$missing" ] && return
    printf '%s: in %s, but not in %s: %s\n' "$tool" "$1" "$3" "$missing"
    status=1
}

# Only the part of --help that lists options: lines that begin with one.
"$program" --help | grep -E '^[[:space:]]*-' |
    sed -E 's/^([[:space:]]*-([^[:space:]]|[[:space:]](-|[^[:space:]-]))*).*/\1/' | options >"$scratch/help"
[ -s "$scratch/help" ] || { echo "$tool --help lists no option"; exit 1; }

# mdoc: ".It Fl n Ar N , Fl -number Ns = Ns Ar N" begins an option's entry; what
# follows Fl up to the next macro are flags, with one dash less.
flags() {
    awk '/^\.It .*Fl/ {
        flag = 0
        for (i = 2; i <= NF; i++)
            if ($i ~ /^[A-Z][a-z]$/)
                flag = $i == "Fl"
            else if (flag && $i ~ /^-?[A-Za-z0-9]/)
                print "-" $i
    }' | sort -u
}
if [ -e "$page" ]; then
    flags <"$page" >"$scratch/page"
    difference --help "$scratch/help" "the page" "$scratch/page"
    difference "the page" "$scratch/page" --help "$scratch/help"
else
    echo "$tool: no manual page"
    status=1
fi

if [ -e "$completion" ]; then
    grep -v '^[[:space:]]*#' "$completion" | options >"$scratch/completion"
    difference --help "$scratch/help" "the completion" "$scratch/completion"
    bash -n "$completion" || status=1
else
    echo "$tool: no completion"
    status=1
fi

exit $status
