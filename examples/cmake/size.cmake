# Have TOOL build a copy of the sources twice (SOURCE to WORK): a folder that has a build in it would be built in.
file(REMOVE_RECURSE "${WORK}")
foreach(part CMakeLists.txt size.cmake app lib tests)
  file(COPY "${SOURCE}/${part}" DESTINATION "${WORK}")
endforeach()
execute_process(
  COMMAND env -u MAKEFLAGS -u MAKELEVEL ${TOOL} compare -- sh -ec "cmake -B build . && cmake --build build"
  WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "llmcc-tool compare failed; -DTOOL=path names it")
endif()
