# Runs QSIM with ARGUMENTS and compares what it prints, and its exit code when that is not 0, with the file EXPECTED.
# With -DUPDATE=ON the file is written instead.
cmake_minimum_required(VERSION 3.20)

list(REMOVE_ITEM ARGUMENTS "")
execute_process(
  COMMAND ${QSIM} ${ARGUMENTS}
  OUTPUT_VARIABLE printed
  ERROR_VARIABLE complaints
  RESULT_VARIABLE code)
set(actual "${printed}${complaints}")
if(NOT code STREQUAL "0")
  string(APPEND actual "[${code}]\n")
endif()
if(UPDATE)
  file(WRITE ${EXPECTED} "${actual}")
  return()
endif()
file(READ ${EXPECTED} expected)
if(NOT actual STREQUAL expected)
  message(FATAL_ERROR "${EXPECTED} says\n${expected}\nbut qsim printed\n${actual}")
endif()
