# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# optrun_add_plugin(<target> SOURCES <file>... [LINK <library>...] [OUTPUT_NAME <name>])
#
# A plugin: a shared library that holds passes and exports nothing but its entry point,
# `optrunPluginDescriptor`. It links libOptRun (and through it finds LLVM's Support library) and what
# LINK names. Used by our own passes and, from the installed package, by third parties.
#
# The host refuses a plugin that was not built like itself. Out of tree, this function therefore takes
# assertions and sanitizers from the installed SDK, whatever the build type.
#
#   -fvisibility=hidden, version script  two plugins never see each other's symbols
#   -fno-gnu-unique                      nor share an inline variable behind RTLD_LOCAL's back
#   -z defs                              an undefined symbol is an error here, not when it is loaded

set(_OPTRUN_PLUGIN_EXPORTS ${CMAKE_CURRENT_LIST_DIR}/plugin-exports.map)

function(optrun_add_plugin target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT_NAME" "SOURCES;LINK")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "optrun_add_plugin(${target}): expected SOURCES, LINK, OUTPUT_NAME; "
      "got '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT arg_OUTPUT_NAME)
    set(arg_OUTPUT_NAME ${target})
  endif()
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE OptRun::OptRun ${arg_LINK})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE LINKER:--version-script=${_OPTRUN_PLUGIN_EXPORTS})
  if(DEFINED OptRun_ASSERTIONS)
    target_compile_options(${target} PRIVATE $<IF:$<BOOL:${OptRun_ASSERTIONS}>,-UNDEBUG,-DNDEBUG>)
  endif()
  if(OptRun_SANITIZERS)
    list(JOIN OptRun_SANITIZERS "," sanitizers)
    target_compile_options(${target} PRIVATE -fsanitize=${sanitizers})
    target_link_options(${target} PRIVATE -fsanitize=${sanitizers})
  endif()
  # Clang leaves a sanitizer's run-time library to the executable: its symbols stay undefined here.
  if(NOT (CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND (OPTRUN_SANITIZERS OR OPTRUN_FUZZ)))
    target_link_options(${target} PRIVATE LINKER:-z,defs)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${arg_OUTPUT_NAME}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${_OPTRUN_PLUGIN_EXPORTS})
endfunction()
