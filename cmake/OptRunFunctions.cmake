# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# What the folders' CMakeLists.txt call. File arguments may be globs relative to the calling folder
# ("*.cpp"): they are expanded when CMake runs and again when a file comes or goes.

# Expands globs in `patterns`, relative to the calling folder, into the list `result`.
function(_optrun_sources result)
  set(files)
  foreach(pattern IN LISTS ARGN)
    if(pattern MATCHES "[*?]")
      file(GLOB matches CONFIGURE_DEPENDS ${pattern})
      list(APPEND files ${matches})
    else()
      list(APPEND files ${pattern})
    endif()
  endforeach()
  set(${result} ${files} PARENT_SCOPE)
endfunction()

# optrun_add_algorithm(<name> SOURCES <file>... [LINK <lib>...])
#
# A static library of pure functions, to be linked into one pass, its tests and its benchmark, which
# find its headers in the calling folder.
function(optrun_add_algorithm name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  _optrun_sources(sources ${arg_SOURCES})
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC OptRun ${arg_LINK} PRIVATE optrun-flags)
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>
    $<$<CONFIG:Release>:-O3>)
  set_target_properties(${name} PROPERTIES
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# optrun_add_pass(<name> SOURCES <file>... [ALGORITHM <file>...] [BENCHMARK <file>...] [LINK <lib>...])
#
# A pass as its own shared library, lib/optrun/passes/optrun-pass-<name>.so.
#   SOURCES    the thin pass: options, registration, entry point
#   ALGORITHM  the pure algorithm, compiled once into the static library `optrun-<name>`, which the
#              pass, its tests (they link it by that name) and its benchmark share
#   BENCHMARK  Google Benchmark sources beside the pass: the program bench/<name>-benchmark
#   LINK       what the pass and its algorithm link beside OptRun
function(optrun_add_pass name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ALGORITHM;BENCHMARK;LINK")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "optrun_add_pass(${name}): expected SOURCES, ALGORITHM, BENCHMARK, LINK; "
      "got '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  _optrun_sources(sources ${arg_SOURCES})
  _optrun_sources(benchmark ${arg_BENCHMARK})
  if(arg_ALGORITHM)
    optrun_add_algorithm(optrun-${name} SOURCES ${arg_ALGORITHM} LINK ${arg_LINK})
    set(algorithm_library optrun-${name})
  endif()
  optrun_add_plugin(optrun-pass-${name} SOURCES ${sources}
    LINK ${algorithm_library} ${arg_LINK} optrun-flags)
  target_compile_definitions(optrun-pass-${name} PRIVATE OPTRUN_VERSION="${PROJECT_VERSION}")
  set_target_properties(optrun-pass-${name} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${OPTRUN_PASS_DIR}
    INSTALL_RPATH "$ORIGIN/../..")
  install(TARGETS optrun-pass-${name} LIBRARY DESTINATION ${OPTRUN_PASS_DIR} COMPONENT runtime)
  set_property(GLOBAL APPEND PROPERTY OPTRUN_PASSES optrun-pass-${name})
  if(benchmark)
    optrun_add_benchmark(${name}-benchmark SOURCES ${benchmark}
      LINK ${algorithm_library} ${arg_LINK})
  endif()
endfunction()

# optrun_add_tool(<name> SOURCES <file>... [LINK <lib>...])
#
# A program in bin/, installed with the rest.
function(optrun_add_tool name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  _optrun_sources(sources ${arg_SOURCES})
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE OptRun ${arg_LINK} optrun-flags)
  set_target_properties(${name} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  install(TARGETS ${name} RUNTIME DESTINATION bin COMPONENT runtime)
endfunction()

# optrun_add_test(<name> SOURCES <file>... [LINK <lib>...] [LABELS <label>...] [TIMEOUT <seconds>]
#                 [SERIAL])
#
# A GoogleTest program in tests/, each of whose cases is a ctest test. It links OptRun, GoogleTest and
# GoogleMock, and the test support library (unittests/TestSupport). SERIAL: never beside another test.
function(optrun_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "TIMEOUT" "SOURCES;LINK;LABELS")
  if(NOT OPTRUN_BUILD_TESTS)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  _optrun_sources(sources ${arg_SOURCES})
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE
    ${arg_LINK} optrun-test-support OptRun GTest::gmock_main optrun-flags)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests
    OPTRUN_IS_TEST ON)
  # What is tested is optimized; the tests themselves build a third faster without.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0> -Wno-dangling-else)
  set(properties TIMEOUT ${arg_TIMEOUT})
  if(arg_LABELS)
    list(APPEND properties LABELS "${arg_LABELS}")
  endif()
  if(arg_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES
    PROPERTIES ${properties})
  add_dependencies(${name} optrun-run-time)
endfunction()

# optrun_add_benchmark(<name> SOURCES <file>... [LINK <lib>...])
#
# A Google Benchmark program in bench/, which `tools/dev bench` runs. It finds the headers of
# framework/benchmarks.
function(optrun_add_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  if(NOT OPTRUN_BUILD_BENCHMARKS)
    return()
  endif()
  _optrun_sources(sources ${arg_SOURCES})
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE
    ${arg_LINK} OptRun benchmark::benchmark_main optrun-flags)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/framework/benchmarks)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
endfunction()

# optrun_add_fuzzer(<name> SOURCES <file>... [CORPUS <folder>] [LINK <lib>...])
#
# A fuzz target (LLVMFuzzerTestOneInput). With the preset `fuzz` it is a libFuzzer program in fuzz/,
# which `tools/dev fuzz` runs; with every other it is a test that replays the corpus once.
function(optrun_add_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS" "SOURCES;LINK")
  _optrun_sources(sources ${arg_SOURCES})
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${arg_LINK} OptRun optrun-flags)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  if(OPTRUN_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
  else()
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/ReplayMain.cpp)
    if(arg_CORPUS)
      add_test(NAME ${name} COMMAND ${name} ${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS})
      set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
    endif()
  endif()
endfunction()

add_custom_target(fuzzers)

# What a test may start as a process: the tools and all passes. `cmake --build … --target <test>`
# then builds them too.
add_custom_target(optrun-run-time)
function(_optrun_finish_run_time)
  get_property(passes GLOBAL PROPERTY OPTRUN_PASSES)
  add_dependencies(optrun-run-time opt-run opt-generate ${passes})
endfunction()
cmake_language(DEFER CALL _optrun_finish_run_time)
