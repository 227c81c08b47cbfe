# Builds for this machine with llmcc:
#
#     cmake -B build -DCMAKE_TOOLCHAIN_FILE=/path/to/CMakeToolchain.cmake [-DLLMCC_ROOT=DIR]
#
# llmcc is looked for in LLMCC_ROOT only, when that is given (DIR, DIR/bin or DIR/.venv/bin); else in the .venv beside
# this file, else on PATH. CMake reads this file in every run and again in every try_compile, so it only ever adds what
# is not there yet.

if(CMAKE_VERSION VERSION_LESS 3.20)
  message(FATAL_ERROR "CMakeToolchain.cmake needs CMake 3.20 or newer, and this is ${CMAKE_VERSION}: update CMake.")
endif()

# A toolchain file is read with the policies of the project at hand, which may be much older.
cmake_policy(PUSH)
cmake_policy(VERSION 3.20...3.31)

# As a PATH entry, CMake makes a relative one absolute: try_compile runs in other folders.
set(LLMCC_ROOT "${LLMCC_ROOT}" CACHE PATH "Where llmcc is installed; empty: beside CMakeToolchain.cmake, else on PATH")

# find_program caches what it finds, and would then not look again for another LLMCC_ROOT (NO_CACHE needs CMake 3.21).
unset(_llmcc_found CACHE)
if(LLMCC_ROOT)
  find_program(_llmcc_found llmcc PATHS "${LLMCC_ROOT}" "${LLMCC_ROOT}/bin" "${LLMCC_ROOT}/.venv/bin" NO_DEFAULT_PATH
                                                                                              NO_CMAKE_FIND_ROOT_PATH)
  if(NOT _llmcc_found)
    message(FATAL_ERROR "There is no llmcc in LLMCC_ROOT (${LLMCC_ROOT}, its bin or its .venv/bin): "
                        "pass -DLLMCC_ROOT=DIR with the folder it is installed in.")
  endif()
elseif(EXISTS "$CACHE{LLMCC_EXECUTABLE}")
  # A build folder keeps its compiler, whatever PATH a later run has.
  set(_llmcc_found "$CACHE{LLMCC_EXECUTABLE}")
else()
  find_program(_llmcc_found llmcc PATHS "${CMAKE_CURRENT_LIST_DIR}/.venv/bin" NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  # PATH and nothing else: CMAKE_PREFIX_PATH names the libraries of the target, not tools.
  find_program(_llmcc_found llmcc NO_PACKAGE_ROOT_PATH NO_CMAKE_PATH NO_CMAKE_ENVIRONMENT_PATH NO_CMAKE_SYSTEM_PATH
                                  NO_CMAKE_FIND_ROOT_PATH)
  if(NOT _llmcc_found)
    message(FATAL_ERROR "There is no llmcc in ${CMAKE_CURRENT_LIST_DIR}/.venv/bin nor on PATH: "
                        "install it there, or pass -DLLMCC_ROOT=DIR with the folder it is installed in.")
  endif()
endif()
set(_llmcc_c "${_llmcc_found}")
unset(_llmcc_found CACHE)
unset(_llmcc_found)

# Beside llmcc, or beside what llmcc is a link to.
get_filename_component(_llmcc_folder "${_llmcc_c}" DIRECTORY)
set(_llmcc_cxx "${_llmcc_folder}/llmcc++")
if(NOT EXISTS "${_llmcc_cxx}")
  file(REAL_PATH "${_llmcc_c}" _llmcc_real)
  get_filename_component(_llmcc_folder "${_llmcc_real}" DIRECTORY)
  set(_llmcc_cxx "${_llmcc_folder}/llmcc++")
endif()
if(NOT EXISTS "${_llmcc_cxx}")
  message(FATAL_ERROR "There is no llmcc++ beside ${_llmcc_c}: install llmcc again.")
endif()

set(CMAKE_C_COMPILER "${_llmcc_c}")
set(CMAKE_CXX_COMPILER "${_llmcc_cxx}")

# CMake settles a folder's compiler in its first run and would pass over another one in silence.
if(DEFINED CACHE{LLMCC_EXECUTABLE} AND NOT "$CACHE{LLMCC_EXECUTABLE}" STREQUAL _llmcc_c)
  message(FATAL_ERROR "This build folder was configured with $CACHE{LLMCC_EXECUTABLE}, not with ${_llmcc_c}: "
                      "remove the folder and configure again.")
endif()

# CMAKE_<LANG>_FLAGS_MINSIZEREL_INIT is of no use here: CMake's own modules append " -Os -DNDEBUG" to it, and the last
# -O wins. A cache entry that is there already stays as it is: this one, or the user's.
foreach(_llmcc_language C CXX)
  set(CMAKE_${_llmcc_language}_FLAGS_MINSIZEREL "-Oz -DNDEBUG"
      CACHE STRING "Flags used by the ${_llmcc_language} compiler during MINSIZEREL builds.")
endforeach()

# The binary tools of the clang behind llmcc, as far as they are installed: CMake would look for them beside llmcc, and
# those of another LLVM cannot read this one's bitcode. Only in a folder's first run; the answers stay in its cache, and
# a try_compile gets them from the project.
if(NOT DEFINED CACHE{LLMCC_EXECUTABLE})
  execute_process(
    COMMAND "${_llmcc_c}" --version
    OUTPUT_VARIABLE _llmcc_answer
    ERROR_QUIET)
  if(_llmcc_answer MATCHES "clang version ([0-9]+)")
    set(_llmcc_major "${CMAKE_MATCH_1}")
    foreach(_llmcc_tool AR RANLIB NM OBJCOPY SIZE)
      string(TOLOWER "llvm-${_llmcc_tool}" _llmcc_name)
      execute_process(
        COMMAND "${_llmcc_c}" "-print-prog-name=${_llmcc_name}"
        OUTPUT_VARIABLE _llmcc_path
        OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      # clang repeats the bare name of a tool it does not find, and may find one of another LLVM on PATH.
      if(NOT IS_ABSOLUTE "${_llmcc_path}" OR NOT EXISTS "${_llmcc_path}")
        continue()
      endif()
      execute_process(
        COMMAND "${_llmcc_path}" --version
        OUTPUT_VARIABLE _llmcc_answer
        ERROR_QUIET)
      if(NOT _llmcc_answer MATCHES "LLVM version ${_llmcc_major}\\.")
        continue()
      endif()
      set(CMAKE_${_llmcc_tool} "${_llmcc_path}" CACHE FILEPATH "${_llmcc_name} of the clang behind llmcc")
      mark_as_advanced(CMAKE_${_llmcc_tool})
      if(_llmcc_tool MATCHES "^(AR|RANLIB)$")
        # what static libraries of link-time-optimised objects are made with
        foreach(_llmcc_language C CXX)
          set(CMAKE_${_llmcc_language}_COMPILER_${_llmcc_tool} "${_llmcc_path}"
              CACHE FILEPATH "${_llmcc_name} of the clang behind llmcc")
          mark_as_advanced(CMAKE_${_llmcc_language}_COMPILER_${_llmcc_tool})
        endforeach()
      endif()
    endforeach()
  endif()
endif()

# Last, so that a run which failed above starts from the beginning next time.
set(LLMCC_EXECUTABLE "${_llmcc_c}" CACHE INTERNAL "The llmcc this build folder was configured with")

# A try_compile is a project of its own and reads this file with an empty cache.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LLMCC_ROOT LLMCC_EXECUTABLE)
list(REMOVE_DUPLICATES CMAKE_TRY_COMPILE_PLATFORM_VARIABLES)

cmake_policy(POP)
