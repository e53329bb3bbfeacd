# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# The installation: programs, libOptRun, passes, recipes, and the SDK (headers and a CMake package).
# `cmake --install build/release --prefix DIR`; nothing in it names the build tree.

include(CMakePackageConfigHelpers)
set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/OptRun)

set_target_properties(OptRun PROPERTIES INSTALL_RPATH "$ORIGIN")
install(TARGETS OptRun optrun-llvm-headers EXPORT OptRunTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT sdk)
install(EXPORT OptRunTargets NAMESPACE OptRun:: DESTINATION ${_package_dir})
set(_assertions OFF)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(_assertions ON)
endif()
configure_package_config_file(cmake/OptRunConfig.cmake.in ${PROJECT_BINARY_DIR}/OptRunConfig.cmake
  INSTALL_DESTINATION ${_package_dir} PATH_VARS OPTRUN_PASS_DIR CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/OptRunConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/OptRunConfig.cmake
  ${PROJECT_BINARY_DIR}/OptRunConfigVersion.cmake
  cmake/OptRunAddPlugin.cmake cmake/plugin-exports.map DESTINATION ${_package_dir})

install(DIRECTORY framework/include/ ${PROJECT_BINARY_DIR}/include/ DESTINATION include
  FILES_MATCHING PATTERN "*.h")
install(DIRECTORY configs/ DESTINATION share/optrun/configs FILES_MATCHING PATTERN "*.yaml")
install(FILES LICENSE DESTINATION share/doc/optrun)

# Libraries that set-up built rather than the system: they travel with ours.
foreach(library ONNX::onnx)
  get_target_property(_type ${library} TYPE)
  if(_type STREQUAL "SHARED_LIBRARY")
    install(IMPORTED_RUNTIME_ARTIFACTS ${library} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()
if(OPTRUN_ONNXRUNTIME_LIBRARY)
  file(REAL_PATH ${OPTRUN_ONNXRUNTIME_LIBRARY} _onnxruntime)
  install(PROGRAMS ${_onnxruntime} DESTINATION ${CMAKE_INSTALL_LIBDIR}/optrun
    RENAME libonnxruntime.so.1)
endif()
