# shellcheck shell=bash disable=SC2034 # variables are for the scripts
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# What the benchmark scripts beside this folder share. They print a table; nothing here decides whether
# a test passes. OPTRUN_BENCH_FOLDER: where models are made (default: the build tree, so its disk).
# OPTRUN_BENCH_ROUNDS: rounds of each measurement (default 5).

set -euo pipefail
: "${OPTRUN_SOURCE_DIR:?run this by tools/dev bench}" "${OPTRUN_BUILD_DIR:?run this by tools/dev bench}"
rounds=${OPTRUN_BENCH_ROUNDS:-5}
opt_run=$OPTRUN_BUILD_DIR/bin/opt-run
load_before=$(cut -d' ' -f1-3 /proc/loadavg)
split_recipe=$OPTRUN_SOURCE_DIR/integration/bench/common/split-only.yaml
memory_recipe=$OPTRUN_SOURCE_DIR/integration/bench/common/split-by-memory-only.yaml

die() {
  echo "$(basename "$0"): error: $*" >&2
  exit 1
}

# make_scratch GB: $scratch, a folder that goes when the script ends, on a disk with that much free.
make_scratch() {
  local needed=$1 parent=${OPTRUN_BENCH_FOLDER:-$OPTRUN_BUILD_DIR} free
  free=$(df --output=avail --block-size=1000000000 "$parent" | tail -n 1)
  [ "$free" -ge "$needed" ] || die "this needs $needed GB of free disk space and $parent has ${free// /}:" \
    "make room, or set OPTRUN_BENCH_FOLDER to a folder on a larger disk"
  scratch=$(mktemp -d "$parent/bench-scratch.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM
}

# make_decoder NAME OPTION...: $scratch/NAME/model.onnx, its weights in model.onnx.data beside it.
make_decoder() {
  local folder=$scratch/$1
  mkdir "$folder"
  "$OPTRUN_BUILD_DIR/tests/make-decoder" "$folder/model.onnx" "${@:2}" >/dev/null
}

now() { echo "${EPOCHREALTIME//[!0-9]/}"; } # microseconds

# measure SERIES COMMAND...: runs it once and notes four numbers for the series: milliseconds until it
# ends, milliseconds until what it wrote is on disk, its peak resident memory in KiB, and the seconds
# of processor time that it took. Everything older is on disk before it starts.
measure() {
  local series=$1 start ended peak user system
  shift
  sync
  start=$(now)
  /usr/bin/time -o "$scratch/usage" -f '%M %U %S' "$@" >"$scratch/output" 2>&1 ||
    { cat "$scratch/output" >&2; die "failed: $*"; }
  ended=$(now)
  sync
  read -r peak user system <"$scratch/usage"
  note "$series" "$start" "$ended" "$(now)" "$peak" "$(calculate "$user + $system")"
}

# measure_short SERIES COUNT COMMAND...: the same for COUNT runs in a row, as the time of one. Without
# sync and memory: neither matters to what takes milliseconds.
measure_short() {
  local series=$1 count=$2 start ended i
  shift 2
  start=$(now)
  for ((i = 0; i < count; ++i)); do
    "$@" >"$scratch/output" 2>&1 || { cat "$scratch/output" >&2; die "failed: $*"; }
  done
  ended=$(now)
  note "$series" 0 $(((ended - start) / count)) $(((ended - start) / count)) 0
}

note() {
  awk -v s="$2" -v e="$3" -v d="$4" -v m="$5" -v c="${6:-0}" \
    'BEGIN { printf "%.2f %.2f %d %.2f\n", (e - s) / 1000, (d - s) / 1000, m, c }' \
    >>"$scratch/$1.samples"
}

# median SERIES COLUMN (1: time, 2: time until on disk, 3: memory, 4: processor time)
median() {
  awk -v column="$2" '{ print $column }' "$scratch/$1.samples" | sort -n |
    awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

# calculate EXPRESSION [FORMAT]
calculate() { awk "BEGIN { printf \"${2:-%.2f}\", $1 }"; }

head_of_table() {
  echo "$1"
  echo "$(nproc) cores, load before: $load_before; $rounds rounds, medians"
  printf '\n%-52s %12s %14s  %s\n' what measured goal reached
}

# row WHAT VALUE UNIT [GOAL]: a line of the table; the goal is a greatest value.
row() {
  local reached="" goal=""
  if [ $# -gt 3 ]; then
    goal="<= $4 $3"
    reached=$(awk -v value="$2" -v goal="$4" 'BEGIN { print (value <= goal ? "yes" : "NO") }')
  fi
  printf '%-52s %12s %14s  %s\n' "$1" "$2 $3" "$goal" "$reached"
}

# print_samples SERIES...: every single measurement, so that nothing is hidden by a median.
print_samples() {
  local series
  printf '\nload after: %s\nsamples (ms until it ends):\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
  for series; do
    printf '  %s: %s\n' "$series" "$(cut -d' ' -f1 "$scratch/$series.samples" | tr '\n' ' ')"
  done
}
