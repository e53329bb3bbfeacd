# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# optrun_add_fingerprint(<target> HEADERS <file>...)
#
# Generates include/optrun/Plugin/BuildFingerprint.h: what host and plugin must have in common, one
# string per field, so that a mismatch can name the field. Written at build time, and only when it
# changed. As a script (cmake -P, with OUTPUT, ROOT and HEADERS) it writes that file.

if(CMAKE_SCRIPT_MODE_FILE)
  set(digests)
  foreach(header IN LISTS HEADERS)
    file(SHA256 ${header} digest)
    file(RELATIVE_PATH name ${ROOT} ${header})
    list(APPEND digests "${name}=${digest}")
  endforeach()
  list(SORT digests)
  string(SHA256 digest "${digests}")
  string(SUBSTRING ${digest} 0 16 OPTRUN_FINGERPRINT_HEADERS)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/BuildFingerprint.h.in ${OUTPUT} @ONLY)
  return()
endif()

function(optrun_add_fingerprint target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS")
  set(output ${PROJECT_BINARY_DIR}/include/optrun/Plugin/BuildFingerprint.h)
  set(script ${PROJECT_SOURCE_DIR}/cmake/OptRunFingerprint.cmake)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DROOT=${CMAKE_CURRENT_SOURCE_DIR}/include"
      "-DHEADERS=${arg_HEADERS}" -P ${script}
    DEPENDS ${arg_HEADERS} ${script} ${PROJECT_SOURCE_DIR}/cmake/BuildFingerprint.h.in
    COMMENT "Plugin fingerprint" VERBATIM)
  add_custom_target(optrun-fingerprint DEPENDS ${output})
  add_dependencies(${target} optrun-fingerprint)
endfunction()
