# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Flags of our own code. The target `optrun-flags` carries warnings and sanitizers; every target that
# the functions in OptRunFunctions.cmake make links it privately, so that nothing of it reaches users
# of the installed library.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Line tables cost little and make a backtrace readable; full debug information is for `debug`.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
if(OPTRUN_SANITIZERS)
  # Sanitized programs are slow, kernels above all; a report needs lines.
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
endif()
# No path of this machine in what is installed.
string(APPEND CMAKE_CXX_FLAGS_RELEASE " -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(OPTRUN_CCACHE ccache)
  mark_as_advanced(OPTRUN_CCACHE)
  if(OPTRUN_CCACHE)
    # Several work trees share one cache: paths below the work tree are taken as relative.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${OPTRUN_CCACHE})
  endif()
endif()

add_library(optrun-flags INTERFACE)
target_compile_options(optrun-flags INTERFACE
  -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wundef -Wvla
  # A field left out of a designated initializer is value-initialized; options structs rely on it.
  -Wno-missing-field-initializers
  # GoogleTest's macros name a parameter `info`, as tests do in what they hand to them.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<BOOL:$<TARGET_PROPERTY:OPTRUN_IS_TEST>>>>:-Wshadow=local>
  $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wsuggest-override
    # Wrong about std::string and small vectors in this release of the compiler, or about the idiom
    # `return std::move(error)`.
    -Wno-restrict -Wno-maybe-uninitialized -Wno-redundant-move>
  # libstdc++ 12's own stable_sort and stable_partition use std::get_temporary_buffer, which is
  # deprecated; Clang says so in our files.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  $<$<BOOL:${OPTRUN_WERROR}>:-Werror>)

if(OPTRUN_SANITIZERS)
  list(JOIN OPTRUN_SANITIZERS "," _sanitizers)
  target_compile_options(optrun-flags INTERFACE
    -fsanitize=${_sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(optrun-flags INTERFACE -fsanitize=${_sanitizers})
endif()
if(OPTRUN_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "OPTRUN_FUZZ needs clang: use the preset `fuzz`")
  endif()
  target_compile_options(optrun-flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
