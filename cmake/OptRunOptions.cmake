# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# What can be set from outside (tools/dev sets most of it), and the layout of the build tree, which
# is that of an installation: bin/, lib/, lib/optrun/passes/, include/.

# lib/ everywhere: a distribution's multiarch folder would make the layout depend on it.
set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Libraries, below the prefix")
set(CMAKE_INSTALL_BINDIR bin CACHE PATH "Programs, below the prefix")
set(OPTRUN_PASS_DIR ${CMAKE_INSTALL_LIBDIR}/optrun/passes)

option(OPTRUN_BUILD_TESTS "Build tests, integration tests and fuzzers" ON)
option(OPTRUN_BUILD_BENCHMARKS "Build the benchmark programs" ON)
option(OPTRUN_WERROR "Treat warnings in our own code as errors" ON)
set(OPTRUN_SANITIZERS "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined")
option(OPTRUN_FUZZ "Build the fuzz targets with libFuzzer (needs clang)" OFF)

set(OPTRUN_ONNXRUNTIME_ROOT "$ENV{ONNXRUNTIME_ROOT}" CACHE PATH
  "Folder with ONNX Runtime's lib/libonnxruntime.so.1 and include/onnxruntime_c_api.h")
set(OPTRUN_ONNX_TEST_DATA "" CACHE PATH "ONNX's own backend test data, for tests")
set(OPTRUN_TEST_MODELS "" CACHE PATH "Folder of pinned real models, for tests")
set(OPTRUN_LANGUAGE_MODEL "" CACHE FILEPATH "A pinned real language model (GGUF), for tests; need not exist")
set(OPTRUN_GENAI_LIBRARY "" CACHE FILEPATH "ONNX Runtime GenAI's library, for tests; need not exist")
set(OPTRUN_SHARED "${PROJECT_SOURCE_DIR}/../shared" CACHE PATH "Folder with fixtures/, for tests")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/static)

# Both trees find libOptRun.so relative to the file that needs it, so either can be moved.
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
