# Builds with llmcc. For this machine:
#
#     cmake -B build -DCMAKE_TOOLCHAIN_FILE=/path/to/CMakeToolchain.cmake [-DLLMCC_ROOT=DIR]
#
# For a microcontroller, with picolibc (or newlib, or no C library) of the distribution:
#
#     … -DLLMCC_TARGET=arm-none-eabi -DLLMCC_CPU=cortex-m4 [-DLLMCC_FLOAT_ABI=hard] [-DLLMCC_LIBC=picolibc|newlib|none]
#     … -DLLMCC_TARGET=riscv32-unknown-elf [-DLLMCC_ARCH=rv32imac -DLLMCC_ABI=ilp32]
#     … -DLLMCC_TARGET=riscv64-unknown-elf | aarch64-none-elf [-DLLMCC_SYSROOT=DIR, with include and lib in it]
#
# With a vendor's toolchain file, whose compiler is a clang and stays what it is: llmcc is its launcher.
#
#     … -DLLMCC_CHAIN=/path/to/vendor.cmake
#
# -DLLMCC_CCACHE=ON puts ccache in front. All of them may stand in cacheVariables of a preset.
#
# llmcc is looked for in LLMCC_ROOT only, when that is given (DIR, DIR/bin or DIR/.venv/bin); else in the .venv beside
# this file, or in the bin of the installation that this file came with, else on PATH. CMake reads this file in every run and again in every try_compile, so it only ever adds what
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
  # An installation has this file in share/llmcc.
  find_program(_llmcc_found llmcc PATHS "${CMAKE_CURRENT_LIST_DIR}/.venv/bin" "${CMAKE_CURRENT_LIST_DIR}/../../bin"
               NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
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

# ---- a microcontroller ----

set(LLMCC_TARGET "${LLMCC_TARGET}" CACHE STRING "Target triple of bare metal; empty: this machine")
set(LLMCC_CPU "${LLMCC_CPU}" CACHE STRING "clang's -mcpu")
set(LLMCC_ARCH "${LLMCC_ARCH}" CACHE STRING "clang's -march (RISC-V)")
set(LLMCC_ABI "${LLMCC_ABI}" CACHE STRING "clang's -mabi (RISC-V)")
set(LLMCC_FLOAT_ABI "${LLMCC_FLOAT_ABI}" CACHE STRING "clang's -mfloat-abi (Arm): soft, softfp or hard")
set(LLMCC_LIBC "${LLMCC_LIBC}" CACHE STRING "picolibc, newlib or none; empty: picolibc where Debian has it")
set(LLMCC_SYSROOT "${LLMCC_SYSROOT}" CACHE PATH "A C library of your own: the folder with its include and lib")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LLMCC_TARGET LLMCC_CPU LLMCC_ARCH LLMCC_ABI LLMCC_FLOAT_ABI LLMCC_LIBC
                                                 LLMCC_SYSROOT)

if(LLMCC_TARGET)
  if(LLMCC_CHAIN)
    message(FATAL_ERROR "LLMCC_TARGET and LLMCC_CHAIN exclude each other: the vendor's file says what the target is.")
  endif()
  if(LLMCC_TARGET MATCHES "^(arm|thumb)[a-z0-9.]*-none-eabi(hf)?$")
    if(NOT LLMCC_CPU)
      message(FATAL_ERROR "LLMCC_TARGET=${LLMCC_TARGET} needs -DLLMCC_CPU=…, such as cortex-m0plus, cortex-m4 or cortex-m33.")
    endif()
    set(_llmcc_processor arm)
    set(_llmcc_gnu arm-none-eabi)
    set(_llmcc_machine -mcpu=${LLMCC_CPU} -mthumb)
    if(LLMCC_FLOAT_ABI)
      list(APPEND _llmcc_machine -mfloat-abi=${LLMCC_FLOAT_ABI})
    else()
      list(APPEND _llmcc_machine -mfloat-abi=soft)
    endif()
  elseif(LLMCC_TARGET MATCHES "^riscv(32|64)(-unknown|-none)?-elf$")
    set(_llmcc_processor riscv${CMAKE_MATCH_1})
    set(_llmcc_gnu riscv64-unknown-elf)
    if(CMAKE_MATCH_1 EQUAL 32)
      set(_llmcc_machine -march=rv32imac -mabi=ilp32)
    else()
      set(_llmcc_machine -march=rv64imac -mabi=lp64 -mcmodel=medany)
    endif()
    if(LLMCC_ARCH AND LLMCC_ABI)
      list(TRANSFORM _llmcc_machine REPLACE "-march=.*" "-march=${LLMCC_ARCH}")
      list(TRANSFORM _llmcc_machine REPLACE "-mabi=.*" "-mabi=${LLMCC_ABI}")
    elseif(LLMCC_ARCH OR LLMCC_ABI)
      message(FATAL_ERROR "LLMCC_ARCH and LLMCC_ABI go together, such as -DLLMCC_ARCH=rv32imc -DLLMCC_ABI=ilp32.")
    endif()
  elseif(LLMCC_TARGET MATCHES "^aarch64-none-elf$")
    set(_llmcc_processor aarch64)
    set(_llmcc_gnu aarch64-none-elf)
    set(_llmcc_machine -march=armv8-a)
    if(LLMCC_CPU)
      set(_llmcc_machine -mcpu=${LLMCC_CPU})
    endif()
  else()
    message(FATAL_ERROR "LLMCC_TARGET=${LLMCC_TARGET} is not one of arm-none-eabi, riscv32-unknown-elf, "
                        "riscv64-unknown-elf and aarch64-none-elf; for others, chain a toolchain file (LLMCC_CHAIN).")
  endif()

  set(_llmcc_libc "${LLMCC_LIBC}")
  if(LLMCC_SYSROOT)
    set(_llmcc_libc own)
    if(NOT IS_DIRECTORY "${LLMCC_SYSROOT}/include" OR NOT IS_DIRECTORY "${LLMCC_SYSROOT}/lib")
      message(FATAL_ERROR "LLMCC_SYSROOT=${LLMCC_SYSROOT} has no include and lib folders.")
    endif()
  elseif(_llmcc_libc STREQUAL "")
    set(_llmcc_libc picolibc)
    if(_llmcc_processor STREQUAL aarch64)
      set(_llmcc_libc none)
    endif()
  elseif(NOT _llmcc_libc MATCHES "^(picolibc|newlib|none)$")
    message(FATAL_ERROR "LLMCC_LIBC=${_llmcc_libc} is not one of picolibc, newlib and none.")
  endif()
  if(_llmcc_libc STREQUAL picolibc)
    set(_llmcc_include "/usr/lib/picolibc/${_llmcc_gnu}/include")
    set(_llmcc_package "picolibc-${_llmcc_gnu}")
    set(_llmcc_specs --specs=picolibc.specs)
    # Its errno is a thread's own, of which there is one.
    list(APPEND _llmcc_machine -ftls-model=local-exec)
  elseif(_llmcc_libc STREQUAL newlib)
    set(_llmcc_include "/usr/include/newlib")
    set(_llmcc_package "libnewlib-${_llmcc_gnu}")
    set(_llmcc_specs --specs=nano.specs --specs=nosys.specs)
  endif()
  if(_llmcc_libc MATCHES "^(picolibc|newlib)$")
    if(NOT IS_DIRECTORY "${_llmcc_include}")
      message(FATAL_ERROR "There is no ${_llmcc_include}: apt-get install ${_llmcc_package}, "
                          "or pass -DLLMCC_SYSROOT=DIR, or -DLLMCC_LIBC=none.")
    endif()
    # Its compiler driver knows which of the library's variants fits a processor, and brings libgcc.
    find_program(LLMCC_LINKER ${_llmcc_gnu}-gcc)
    if(NOT LLMCC_LINKER)
      message(FATAL_ERROR "There is no ${_llmcc_gnu}-gcc to link with: apt-get install gcc-${_llmcc_gnu}, "
                          "or pass -DLLMCC_LIBC=none to link with lld and no C library.")
    endif()
  endif()

  foreach(_llmcc_tool AR RANLIB NM OBJCOPY SIZE)
    if(NOT DEFINED CACHE{CMAKE_${_llmcc_tool}})
      string(TOLOWER "${_llmcc_gnu}-${_llmcc_tool}" _llmcc_name)
      find_program(CMAKE_${_llmcc_tool} ${_llmcc_name})
    endif()
  endforeach()

  set(CMAKE_SYSTEM_NAME Generic)
  set(CMAKE_SYSTEM_PROCESSOR "${_llmcc_processor}")
  # A program would need the project's own linker script and startup code.
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
  foreach(_llmcc_kind LIBRARY INCLUDE PACKAGE)
    set(CMAKE_FIND_ROOT_PATH_MODE_${_llmcc_kind} ONLY)
  endforeach()
  foreach(_llmcc_language C CXX ASM)
    set(CMAKE_${_llmcc_language}_COMPILER_TARGET "${LLMCC_TARGET}")
  endforeach()
  set(CMAKE_ASM_COMPILER "${_llmcc_c}")

  list(JOIN _llmcc_machine " " _llmcc_flags)
  set(_llmcc_link_machine "${_llmcc_flags}")
  string(APPEND _llmcc_flags " -ffunction-sections -fdata-sections")
  if(_llmcc_libc STREQUAL own)
    string(APPEND _llmcc_flags " -isystem \"${LLMCC_SYSROOT}/include\"")
  elseif(DEFINED _llmcc_include)
    string(APPEND _llmcc_flags " -isystem \"${_llmcc_include}\"")
  endif()
  foreach(_llmcc_language C CXX ASM)
    set(CMAKE_${_llmcc_language}_FLAGS_INIT "${_llmcc_flags}")
  endforeach()
  # No exceptions and no run-time types: their tables and the code that reads them are what flash has no room for.
  string(APPEND CMAKE_CXX_FLAGS_INIT " -fno-exceptions -fno-rtti -fno-threadsafe-statics")
  if(DEFINED _llmcc_specs)
    list(JOIN _llmcc_specs " " _llmcc_specs)
    set(CMAKE_EXE_LINKER_FLAGS_INIT "${_llmcc_link_machine} ${_llmcc_specs} -Wl,--gc-sections")
    foreach(_llmcc_language C CXX ASM)
      set(CMAKE_${_llmcc_language}_LINK_EXECUTABLE
          "${LLMCC_LINKER} <CMAKE_${_llmcc_language}_LINK_FLAGS> <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
    endforeach()
  else()
    set(CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=lld -nostdlib -static -Wl,--gc-sections")
    if(_llmcc_libc STREQUAL own)
      string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " \"-L${LLMCC_SYSROOT}/lib\"")
    endif()
  endif()
endif()

# ---- a vendor's toolchain file ----

set(LLMCC_CHAIN "${LLMCC_CHAIN}" CACHE FILEPATH "A toolchain file whose clang llmcc is to launch")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LLMCC_CHAIN)
if(LLMCC_CHAIN)
  if(NOT EXISTS "${LLMCC_CHAIN}")
    message(FATAL_ERROR "There is no LLMCC_CHAIN=${LLMCC_CHAIN}: pass the path of the vendor's toolchain file.")
  endif()
  foreach(_llmcc_language C CXX)
    unset(CMAKE_${_llmcc_language}_COMPILER)
  endforeach()
  include("${LLMCC_CHAIN}")
  foreach(_llmcc_language C CXX)
    if(NOT DEFINED CMAKE_${_llmcc_language}_COMPILER)
      continue()
    endif()
    list(GET CMAKE_${_llmcc_language}_COMPILER 0 _llmcc_vendor)
    if(NOT _llmcc_vendor MATCHES "clang[^/]*$")
      message(FATAL_ERROR "${LLMCC_CHAIN} sets CMAKE_${_llmcc_language}_COMPILER to ${_llmcc_vendor}, and llmcc launches "
                          "clang only: chain a toolchain file for clang.")
    endif()
    set(CMAKE_${_llmcc_language}_COMPILER_LAUNCHER "${_llmcc_c}")
  endforeach()
  if(NOT DEFINED CMAKE_C_COMPILER AND NOT DEFINED CMAKE_CXX_COMPILER)
    message(FATAL_ERROR "${LLMCC_CHAIN} names no compiler: set CMAKE_C_COMPILER in it.")
  endif()
endif()

# ---- ccache in front ----

option(LLMCC_CCACHE "Put ccache in front of llmcc" OFF)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LLMCC_CCACHE)
if(LLMCC_CCACHE)
  find_program(LLMCC_CCACHE_PROGRAM ccache NO_CMAKE_FIND_ROOT_PATH)
  if(NOT LLMCC_CCACHE_PROGRAM)
    message(FATAL_ERROR "LLMCC_CCACHE is on and there is no ccache on PATH: apt-get install ccache, or leave it off.")
  endif()
  # Another model, setting or clang is another compiler to ccache, as is any change of what it would keep.
  set(_llmcc_ccache "${CMAKE_COMMAND}" -E env CCACHE_COMPILERTYPE=clang)
  if(LLMCC_CHAIN)
    # Here ccache sees the vendor's clang, and runs it through llmcc.
    list(APPEND _llmcc_ccache "CCACHE_COMPILERCHECK=${_llmcc_c} --llmcc-fingerprint" "CCACHE_PREFIX=${_llmcc_c}")
  else()
    list(APPEND _llmcc_ccache "CCACHE_COMPILERCHECK=%compiler% --llmcc-fingerprint")
  endif()
  foreach(_llmcc_language C CXX)
    set(CMAKE_${_llmcc_language}_COMPILER_LAUNCHER ${_llmcc_ccache} "${LLMCC_CCACHE_PROGRAM}")
  endforeach()
endif()

# Last, so that a run which failed above starts from the beginning next time.
set(LLMCC_EXECUTABLE "${_llmcc_c}" CACHE INTERNAL "The llmcc this build folder was configured with")

# A try_compile is a project of its own and reads this file with an empty cache.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LLMCC_ROOT LLMCC_EXECUTABLE)
list(REMOVE_DUPLICATES CMAKE_TRY_COMPILE_PLATFORM_VARIABLES)

cmake_policy(POP)
