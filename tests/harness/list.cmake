# Writes LIST: an add_test() for every name that `PROGRAM --list` prints.  EMULATOR, which may
# be empty, runs what is built for another processor.
separate_arguments(EMULATOR)
execute_process(COMMAND ${EMULATOR} ${PROGRAM} --list OUTPUT_VARIABLE names RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${PROGRAM} --list: ${failed}")
endif()
string(REGEX MATCHALL "[^\n]+" names "${names}")
set(tests "")
string(JOIN " " emulator ${EMULATOR})
foreach(name ${names})
  string(APPEND tests
    "add_test(${NAME}.${name} ${emulator} \"${PROGRAM}\" ${name})\n"
    "set_tests_properties(${NAME}.${name} PROPERTIES TIMEOUT ${TIMEOUT} LABELS \"${LABEL}\" "
    "SKIP_REGULAR_EXPRESSION \"  SKIPPED \")\n")
endforeach()
file(WRITE ${LIST} "${tests}")
