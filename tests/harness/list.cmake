# Writes LIST: an add_test() for every name that `PROGRAM --list` prints.
execute_process(COMMAND ${PROGRAM} --list OUTPUT_VARIABLE names RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${PROGRAM} --list: ${failed}")
endif()
string(REGEX MATCHALL "[^\n]+" names "${names}")
set(tests "")
foreach(name ${names})
  string(APPEND tests
    "add_test(${NAME}.${name} \"${PROGRAM}\" ${name})\n"
    "set_tests_properties(${NAME}.${name} PROPERTIES TIMEOUT ${TIMEOUT} LABELS \"${LABEL}\" "
    "SKIP_REGULAR_EXPRESSION \"  SKIPPED \")\n")
endforeach()
file(WRITE ${LIST} "${tests}")
