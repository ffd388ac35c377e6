#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: coverage.sh SOURCE BUILD
#
# Runs the tests of libmm and prints how many of its lines they execute.  Ends with 1
# when that is less than 90 percent, or when a test fails.
#
# What a child of a test does before it is killed or leaves by _exit(2) does not count.
set -eu
source=$1 build=$2
least=90

counts=$build/libmm/CMakeFiles/mm_objects.dir
# Also the tools' own: counts of an earlier build make gcov's runtime complain on standard error.
find "$build" -name '*.gcda' -delete

failed=0
(cd "$build" && ctest -j"$(nproc)" -L 'unit|fault' --output-on-failure) >"$build/coverage.log" ||
  failed=1
if [ $failed -ne 0 ]; then
  cat "$build/coverage.log" >&2
fi

if command -v gcovr >/dev/null; then
  gcovr --root "$source" --filter "$source/libmm/" "$counts" --fail-under-line $least || failed=1
else
  # gcov prints "File 'NAME'" and, in the next line, "Lines executed:PERCENT% of LINES".
  find "$counts" -name '*.gcda' -exec gcov --no-output {} + | awk -v least=$least '
    /^File / { name = $2; gsub(/\047/, "", name); next }
    /^Lines executed:/ && name ~ /\/libmm\/[^\/]*\.c$/ {
      split($2, percent, /[:%]/)
      printf "%6.1f %% of %4d lines  %s\n", percent[2], $4, name
      all += $4
      executed += percent[2] * $4 / 100
    }
    /^Lines executed:/ { name = "" }
    END {
      if (!all)
        exit 1
      printf "%6.1f %% of %4d lines\n", 100 * executed / all, all
      exit 100 * executed / all < least
    }' || failed=1
fi
exit $failed
