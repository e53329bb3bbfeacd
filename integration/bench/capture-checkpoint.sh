#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Checkpoints of real sizes (OPT-1.3B, 2.6 GB; Mistral-7B, 14.5 GB) to ONNX, beside cp of the same
# bytes, alternately, to a folder that does not exist on the same disk. OPTRUN_BENCH_CHECKPOINTS names
# other ones that make-checkpoint knows.

source "$(dirname "$0")/common/measure.sh"
read -ra checkpoints <<<"${OPTRUN_BENCH_CHECKPOINTS:-opt-1.3b mistral-7b}"
capture_recipe=$OPTRUN_SOURCE_DIR/integration/bench/common/capture-only.yaml

# capture SERIES RECIPE OUTPUT EXTERNAL-DATA [OPTION...]
capture() {
  measure "$1" "$opt_run" "$2" --quiet --set "model=$model" --set "output=$3" \
    --set "external-data=$4" "${@:5}"
}

# compare_with_cp NAME RECIPE [OPTION...]: rounds of cp, of the recipe, and of the same with the weights
# left where they are.
compare_with_cp() {
  local name=$1 recipe=$2
  for ((round = 0; round < rounds; ++round)); do
    mkdir "$scratch/copy"
    measure "$name-cp" cp "$model"/*.safetensors "$scratch/copy"
    rm -r "$scratch/copy"
    capture "$name" "$recipe" "$scratch/onnx" single "${@:3}"
    rm -r "$scratch/onnx"
  done
  row "cp" "$(median "$name-cp" 1)" ms
  row "capture, export : cp, until the program ends" \
    "$(calculate "$(median "$name" 1) / $(median "$name-cp" 1)")" x 1.2
  row "capture, export : cp, until all is on disk" \
    "$(calculate "$(median "$name" 2) / $(median "$name-cp" 2)")" x 1.2
  row "capture, export, peak resident memory" "$(calculate "$(median "$name" 3) * 1.024 / 1000" %.1f)" MB 500
}

# leave_in_place NAME GOAL RECIPE [OPTION...]
leave_in_place() {
  for ((round = 0; round < rounds; ++round)); do
    capture "$1-shared" "$3" "$model" shared "${@:4}" # later ones replace the result of the one before
  done
  row "external-data: shared, in the checkpoint's folder" "$(median "$1-shared" 1)" ms "$2"
  row "the same, peak resident memory" "$(calculate "$(median "$1-shared" 3) * 1.024 / 1000" %.1f)" MB 500
}

make_scratch 34 # the largest, one copy at a time, and what is being deleted
for checkpoint in "${checkpoints[@]}"; do
  model=$scratch/$checkpoint
  "$OPTRUN_BUILD_DIR/tests/make-checkpoint" "$checkpoint" "$model" >"$scratch/made"
  head_of_table "$checkpoint: $(sed 's/.*: //' "$scratch/made")"
  goal=2000
  [ "$checkpoint" != opt-1.3b ] || goal=1000
  case $checkpoint in
  mistral-7b) options=("$memory_recipe" --set memory=4GB) ;; # in components of 4 GB
  *) options=("$capture_recipe") ;;
  esac
  compare_with_cp "$checkpoint" "${options[@]}"
  leave_in_place "$checkpoint" "$goal" "${options[@]}"
  print_samples "$checkpoint-cp" "$checkpoint" "$checkpoint-shared"
  rm -r "$model"
  echo
done

# bfloat16 to half precision, while it is written.
model=$scratch/bf16
"$OPTRUN_BUILD_DIR/tests/make-checkpoint" opt-1.3b "$model" --bf16 >"$scratch/made"
head_of_table "opt-1.3b in bfloat16, converted to half precision: $(sed 's/.*: //' "$scratch/made")"
compare_with_cp bf16 "$capture_recipe" --set precision=fp16
print_samples bf16-cp bf16
