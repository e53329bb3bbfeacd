#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# OPT-1.3B in half precision (2.6 GB) to tables of 16 values, file to file, on two threads and on one,
# beside coremltools' palettizer with two workers on the weights of its first layer (50 M; for a table
# for each channel, which takes it minutes, on the first of them, 17 M) in memory.
# The peer comes from PyPI, pinned in common/palettize-peers.txt; it is measured once.

source "$(dirname "$0")/common/measure.sh"
common=$OPTRUN_SOURCE_DIR/integration/bench/common

# ours SERIES GROUP_SIZE THREADS
ours() {
  measure "$1" "$opt_run" "$common/palettize-only.yaml" --quiet --threads "$3" \
    --set "model=$model" --set "group-size=$2" --set "output=$scratch/palettized"
  rm -r "$scratch/palettized"
}

# peer SERIES GROUP_SIZE MATRICES: weights per second, per second of processor time, relative error
peer() {
  "$scratch/peers/bin/python" "$common/coremltools_palettizer.py" "$model" "$2" "$3" 2 \
    >"$scratch/output" 2>&1 || die "$(cat "$scratch/output")"
  tail -n 1 "$scratch/output" >"$scratch/$1.peer"
}

of_peer() { cut -d' ' -f"$2" "$scratch/$1.peer"; }

# error_of GROUP_SIZE MODULE: the relative error of the same weights
error_of() {
  "$opt_run" "$common/palettize-only.yaml" --quiet --set "model=$model" --set "group-size=$1" \
    --set "include=[\"model.decoder.layers.0$2\"]" --set "output=$scratch/palettized" \
    >"$scratch/output"
  rm -r "$scratch/palettized"
  awk '$1 == "compressed" { print $NF }' "$scratch/output"
}

# compare NAME SERIES GROUP_SIZE GOAL [MODULE]
compare() {
  row "$1" "$(calculate "$(median "$2" 1) / 1000")" s
  row "$1, until all is on disk" "$(calculate "$(median "$2" 2) / 1000")" s
  row "$1, processor time" "$(median "$2" 4)" s
  row "$1, peak resident memory" "$(calculate "$(median "$2" 3) * 1.024e-6" %.3f)" GB 0.5
  row "$1, one thread : two" "$(calculate "$(median "$2-one" 1) / $(median "$2" 1)")" x
  row "$1, coremltools" "$(calculate "$(of_peer "$2" 1) / 1e6")" "M/s"
  row "$1, weights per second : coremltools' (goal: $4)" \
    "$(calculate "$weights * 1000 / $(median "$2" 1) / $(of_peer "$2" 1)" %.0f)" x
  row "$1, the same, per second of processor time" \
    "$(calculate "$weights / $(median "$2" 4) / $(of_peer "$2" 2)" %.0f)" x
  row "$1, relative error; coremltools'" "$(error_of "$3" "${5:-}")" "$(of_peer "$2" 3)"
}

make_scratch 9
model=$scratch/opt-1.3b
"$OPTRUN_BUILD_DIR/tests/make-checkpoint" opt-1.3b "$model" >"$scratch/made"
weights=1315115008 # all matrices and tables of OPT-1.3B
python3 -m venv "$scratch/peers"
"$scratch/peers/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
  --requirement "$common/palettize-peers.txt"
peer tensor 0 6
peer fours 4 6
peer rows 1 1
for ((round = 0; round < rounds; ++round)); do
  for threads in 2 1; do
    suffix=$([ "$threads" = 1 ] && echo -one || true)
    ours "tensor$suffix" 1000000 "$threads"
    ours "fours$suffix" 4 "$threads"
    ours "rows$suffix" 1 "$threads"
  done
done
head_of_table "opt-1.3b in half precision, 4 bits: $(sed 's/.*: //' "$scratch/made")"
compare "per tensor" tensor 1000000 100
compare "groups of 4" fours 4 20
compare "per channel" rows 1 20 .fc1
print_samples tensor fours rows tensor-one fours-one rows-one
