# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Finds what others wrote, and wraps it where its own CMake targets carry too much:
#   optrun-llvm-headers   LLVM's include folder and definitions, for the SDK and for plugins
#   optrun-llvm-static    LLVMSupport and LLVMDemangle as a whole, for libOptRun and nothing else
#   optrun-onnx           the ONNX library, for libOptRun and nothing else
#   optrun-onnx-headers   ONNX's headers for tests; the library itself is inside libOptRun
#   optrun-onnxruntime    ONNX Runtime's headers (the library is loaded at run time)

set(CMAKE_MESSAGE_LOG_LEVEL NOTICE) # LLVM's config looks for libraries that we do not use, and says so
find_package(LLVM 19.1 REQUIRED CONFIG)
unset(CMAKE_MESSAGE_LOG_LEVEL)
find_package(Protobuf REQUIRED)
if(NOT TARGET protobuf::libprotobuf)
  message(FATAL_ERROR "protobuf's CMake target is missing")
endif()
# 1.20 knows int4. Where the machine has none, `tools/dev build` builds one and sets ONNX_ROOT.
find_package(ONNX 1.20 REQUIRED CONFIG)
find_package(yaml-cpp REQUIRED CONFIG)
find_package(TBB REQUIRED CONFIG)
find_package(hwy REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
find_package(Threads REQUIRED)

# llvm-config's flags switch exceptions off and ask for an old standard: only includes and definitions.
separate_arguments(_llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
add_library(optrun-llvm-headers INTERFACE)
# An installed SDK looks for LLVM where it is used: OptRunConfig.cmake.
target_include_directories(optrun-llvm-headers SYSTEM INTERFACE $<BUILD_INTERFACE:${LLVM_INCLUDE_DIRS}>)
target_compile_definitions(optrun-llvm-headers INTERFACE ${_llvm_definitions})

# Whole archives, so that plugins find every LLVM Support symbol in libOptRun. One member goes: the
# solver interface, which alone would make every process load libz3 (27 MB).
set(_llvm_support ${PROJECT_BINARY_DIR}/lib/static/libLLVMSupportNoZ3.a)
get_target_property(_llvm_original LLVMSupport LOCATION)
if(${_llvm_original} IS_NEWER_THAN ${_llvm_support}) # also when there is none yet
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/lib/static)
  file(COPY_FILE ${_llvm_original} ${_llvm_support})
  execute_process(COMMAND ${CMAKE_AR} d ${_llvm_support} Z3Solver.cpp.o COMMAND_ERROR_IS_FATAL ANY)
endif()
get_target_property(_llvm_libraries LLVMSupport INTERFACE_LINK_LIBRARIES)
list(FILTER _llvm_libraries EXCLUDE REGEX "z3|LLVMDemangle")
add_library(optrun-llvm-static INTERFACE)
target_link_options(optrun-llvm-static INTERFACE
  LINKER:--whole-archive,${_llvm_support},$<TARGET_FILE:LLVMDemangle>,--no-whole-archive)
target_link_libraries(optrun-llvm-static INTERFACE ${_llvm_libraries} Threads::Threads)

# A static ONNX goes into libOptRun whole. One process must hold one copy of ONNX's protobuf descriptors,
# so everything else (tests) takes the headers and finds the symbols in libOptRun.
add_library(optrun-onnx INTERFACE)
get_target_property(_onnx_type ONNX::onnx TYPE)
if(_onnx_type STREQUAL "STATIC_LIBRARY")
  target_link_options(optrun-onnx INTERFACE
    LINKER:--whole-archive,$<TARGET_FILE:ONNX::onnx>,--no-whole-archive)
  target_link_libraries(optrun-onnx INTERFACE optrun-onnx-headers)
else()
  target_link_libraries(optrun-onnx INTERFACE ONNX::onnx)
endif()
add_library(optrun-onnx-headers INTERFACE)
target_include_directories(optrun-onnx-headers SYSTEM INTERFACE
  $<TARGET_PROPERTY:ONNX::onnx,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_definitions(optrun-onnx-headers INTERFACE
  $<TARGET_PROPERTY:ONNX::onnx,INTERFACE_COMPILE_DEFINITIONS>)
target_link_libraries(optrun-onnx-headers INTERFACE protobuf::libprotobuf)

# ONNX Runtime: headers at compile time; the library is opened at run time by the passes that need it.
# The build tree and an installation hold it, or a link to it, at the same place: lib/optrun/.
add_library(optrun-onnxruntime INTERFACE)
find_path(OPTRUN_ONNXRUNTIME_INCLUDE onnxruntime_c_api.h
  HINTS ${OPTRUN_ONNXRUNTIME_ROOT}/include ${OPTRUN_ONNXRUNTIME_ROOT}/include/onnxruntime
  PATH_SUFFIXES onnxruntime onnxruntime/core/session)
find_file(OPTRUN_ONNXRUNTIME_LIBRARY libonnxruntime.so.1
  HINTS ${OPTRUN_ONNXRUNTIME_ROOT}/lib ${OPTRUN_ONNXRUNTIME_ROOT}
  PATHS /usr/local/lib /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE} NO_DEFAULT_PATH)
mark_as_advanced(OPTRUN_ONNXRUNTIME_INCLUDE OPTRUN_ONNXRUNTIME_LIBRARY)
if(OPTRUN_ONNXRUNTIME_INCLUDE)
  target_include_directories(optrun-onnxruntime SYSTEM INTERFACE ${OPTRUN_ONNXRUNTIME_INCLUDE})
  target_compile_definitions(optrun-onnxruntime INTERFACE OPTRUN_HAVE_ONNXRUNTIME=1)
else()
  message(STATUS "ONNX Runtime's headers not found: passes that run models are built without it")
  target_compile_definitions(optrun-onnxruntime INTERFACE OPTRUN_HAVE_ONNXRUNTIME=0)
endif()
if(OPTRUN_ONNXRUNTIME_LIBRARY)
  file(REAL_PATH ${OPTRUN_ONNXRUNTIME_LIBRARY} _onnxruntime)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/lib/optrun)
  file(CREATE_LINK ${_onnxruntime} ${PROJECT_BINARY_DIR}/lib/optrun/libonnxruntime.so.1 SYMBOLIC)
endif()

if(OPTRUN_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
if(OPTRUN_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED CONFIG)
endif()
