#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# An installation can be moved, names neither the build nor the source tree, runs, and is all that the
# plugins of plugins/ need: each is built out of tree against it and loaded by its opt-run.

set -euo pipefail
: "${OPTRUN_SOURCE_DIR:?}" "${OPTRUN_BUILD_DIR:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/optrun-sdk.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

cmake --install "$OPTRUN_BUILD_DIR" --prefix "$work/first" >"$work/install.log" || {
  cat "$work/install.log" >&2
  fail "installation"
}
mv "$work/first" "$work/installed"
installed=$work/installed

named=$(grep -rIlF -e "$OPTRUN_SOURCE_DIR" -e "$OPTRUN_BUILD_DIR" -e "$work/first" "$installed" || true)
[ -z "$named" ] || fail "these installed files name a folder of this machine: $named"
for file in "$installed"/bin/* "$installed"/lib/libOptRun.so "$installed"/lib/optrun/passes/*.so; do
  [ -f "$file" ] || continue
  runpath=$(readelf -d "$file" | sed -n 's/.*RUNPATH.*\[\(.*\)\]/\1/p')
  [[ $runpath == '$ORIGIN'* && $runpath != *:* ]] || fail "$file has the run path '$runpath'"
done

"$installed/bin/opt-run" --version
[ "$("$installed/bin/opt-run" --list-passes)" = "$("$OPTRUN_BUILD_DIR/bin/opt-run" --list-passes)" ] ||
  fail "the installed opt-run does not list the passes that the built one lists"

count=0
for folder in "$OPTRUN_SOURCE_DIR"/plugins/*/; do
  [ -f "$folder/CMakeLists.txt" ] || continue
  name=$(basename "$folder")
  echo "-- plugins/$name"
  # A copy: nothing of our tree may be in reach by a relative path.
  cp -r "$folder" "$work/$name"
  cmake -G Ninja -S "$work/$name" -B "$work/$name/build" "-DCMAKE_PREFIX_PATH=$installed" \
    >"$work/log" 2>&1 && cmake --build "$work/$name/build" >>"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "plugins/$name does not build against the installed SDK"
  }
  for library in "$work/$name"/build/*.so; do
    "$installed/bin/opt-run" --load-plugin "$library" --list-passes >/dev/null ||
      fail "$library does not load"
    count=$((count + 1))
  done
  # As its README says: found by OPT_RUN_PLUGIN_PATH, run by the installed opt-run.
  model=${OPTRUN_SHARED:?}/fixtures/onnx/gpt2-dynamo.onnx
  settings=(--set "model=$model")
  ! grep -q '^  output:' "$folder/example.yaml" || settings+=(--set "output=$work/$name/out")
  OPT_RUN_PLUGIN_PATH=$work/$name/build \
    "$installed/bin/opt-run" "$folder/example.yaml" "${settings[@]}" >"$work/$name/result" ||
    fail "plugins/$name/example.yaml does not run"
  grep -q . "$work/$name/result" || fail "plugins/$name/example.yaml gives no result"
  # An assertion of the example's own, when it has one.
  [ ! -f "$folder/check.sh" ] || bash "$folder/check.sh" "$model" "$work/$name" ||
    fail "plugins/$name/check.sh"
done
echo "$count plugins built against the installed SDK"
