# shellcheck shell=bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Configures, builds, tests and installs a preset of CMakePresets.json.

# split_arguments "$@": a leading PRESET and what follows `--`, into preset and extra.
split_arguments() {
  preset=release extra=()
  if [ $# -gt 0 ] && [ "$1" != -- ]; then
    preset=$1
    shift
  fi
  if [ $# -gt 0 ]; then
    [ "$1" = -- ] || die "unexpected argument '$1' (further arguments go after --)"
    shift
    extra=("$@")
  fi
}

# configure PRESET: only when something that CMake cannot see for itself has changed.
configure() {
  local preset=$1 folder=build/$1 arguments
  arguments="${cmake_dependencies[*]} $(sha256sum <CMakePresets.json)"
  if [ ! -f "$folder/build.ninja" ] || [ "$(cat "$folder/.configured" 2>/dev/null)" != "$arguments" ]; then
    say "configuring $folder"
    quietly "$folder/configure.log" cmake --preset "$preset" "${cmake_dependencies[@]}"
    printf '%s\n' "$arguments" >"$folder/.configured"
  fi
}

# build_preset PRESET [ARGUMENTS of ninja...]
build_preset() {
  local preset=$1
  shift
  ensure_build_dependencies
  [ "$preset" != fuzz ] || ensure_packages fuzz
  mkdir -p build
  (
    flock 8
    configure "$preset"
    say "building build/$preset"
    ninja -C "build/$preset" -j "$jobs" "$@"
  ) 8>build/lock >&2 || die "the build failed"
}

cmd_build() {
  split_arguments "$@"
  build_preset "$preset" "${extra[@]}"
}

cmd_test() {
  split_arguments "$@"
  build_preset "$preset"
  (ensure_language_model) || say "tests that need the language model will be skipped"
  (ensure_genai) || say "tests that need ONNX Runtime GenAI will be skipped"
  say "running the tests of build/$preset"
  ctest --preset "$preset" -j "$jobs" "${extra[@]}"
}

cmd_install() {
  [ $# -eq 1 ] || die "usage: tools/dev install DIR"
  build_preset release
  cmake --install build/release --prefix "$1" | tail -n 1
  say "installed in $1"
}
