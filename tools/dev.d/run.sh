# shellcheck shell=bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# The commands that run what was built: demo, benchmarks, fuzz targets, generated docs.

cmd_demo() {
  local memory=${1:-60MB} model output=build/demo/smollm2
  build_preset release optrun-run-time
  ensure_language_model
  model=$(language_model_path)
  mkdir -p build/demo
  rm -f build/demo/cost-model.csv
  say "what SmolLM2-135M, a GGUF file, costs:"
  run_demo opt-run configs/cost-model.yaml --set "model=$model" --set output=build/demo/cost-model.csv
  say "the same in components of $memory each:"
  local overwrite=()
  [ ! -e "$output" ] || overwrite=(--set overwrite=true)
  run_demo opt-run configs/split-by-memory.yaml --set "model=$model" --set "memory=$memory" \
    --set samples=1 --set "output=$output" "${overwrite[@]}"
  say "verified: one after the other, the components of $output/ give what the model gives. They say:"
  run_demo opt-generate "$output" --vocabulary "$model" --prompt 'Gravity is' --tokens 20
}

# run_demo PROGRAM ARGUMENTS...: shows a command and runs it.
run_demo() {
  say "build/release/bin/$(printf '%q ' "$@")"
  "build/release/bin/$1" "${@:2}"
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
