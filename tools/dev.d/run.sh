# shellcheck shell=bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# The commands that run what was built: demo, benchmarks, fuzz targets, generated docs.

cmd_demo() {
  local splits=${1:-2} model output=build/demo/minilm
  build_preset release optrun-run-time
  model=$(ensure_test_models)
  model+=/minilm-int8/model.onnx
  local arguments=(configs/split-by-count.yaml --set "model=$model" --set "splits=$splits"
    --set "output=$output")
  [ ! -e "$output" ] || arguments+=(--set overwrite=true)
  mkdir -p "$(dirname "$output")"
  say "splitting a sentence-embedding model (MiniLM, int8) in $splits:"
  say "build/release/bin/opt-run ${arguments[*]}"
  build/release/bin/opt-run "${arguments[@]}"
  say "verified: one after the other, the components give what the model gives; they are in $output/:"
  (cd "$output" && ls -l) >&2
  say "the recipe is configs/split-by-count.yaml; try: build/release/bin/opt-run --help"
}

cmd_bench() {
  local filter=${1:-} program script name
  ensure_packages build bench
  build_preset release
  mkdir -p build/bench
  for program in build/release/bench/*; do
    [ -x "$program" ] || continue
    name=$(basename "$program")
    [[ $name == *"$filter"* ]] || continue
    say "$name"
    "$program" "--benchmark_out=build/bench/$name.json" --benchmark_out_format=json
  done
  for script in integration/bench/*.sh; do
    [ -f "$script" ] || continue
    name=$(basename "$script" .sh)
    [[ $name == *"$filter"* ]] || continue
    say "$name"
    OPTRUN_SOURCE_DIR=$root OPTRUN_BUILD_DIR=$root/build/release OPTRUN_TEST_MODELS=$(ensure_test_models) \
      bash "$script" | tee "build/bench/$name.txt"
  done
  say "results are in build/bench/"
}

cmd_fuzz() {
  local seconds=${1:-60} targets program name
  [[ $seconds =~ ^[0-9]+$ ]] || die "usage: tools/dev fuzz [SECONDS] [TARGET...]"
  shift $(($# > 0 ? 1 : 0))
  build_preset fuzz fuzzers
  targets=("$@")
  [ $# -gt 0 ] || for program in build/fuzz/fuzz/*Fuzzer; do
    [ ! -x "$program" ] || targets+=("$(basename "$program")")
  done
  [ ${#targets[@]} -gt 0 ] || die "there are no fuzz targets"
  for name in "${targets[@]}"; do
    say "$name, $seconds seconds"
    # New inputs are kept in the build tree; the corpus of the sources only gives seeds.
    mkdir -p "build/fuzz/corpus/$name" "build/fuzz/findings"
    "build/fuzz/fuzz/$name" "-max_total_time=$seconds" -print_final_stats=1 -rss_limit_mb=2048 \
      "-artifact_prefix=build/fuzz/findings/$name-" "build/fuzz/corpus/$name" \
      $([ ! -d "fuzz/corpus/$name" ] || echo "fuzz/corpus/$name")
  done
}

cmd_docs() {
  build_preset release optrun-run-time
  build/release/bin/opt-run --print-docs >build/passes.md
  mv build/passes.md docs/passes.md
  say "docs/passes.md is up to date"
}
