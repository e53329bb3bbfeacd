#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# OPT-1.3B in half precision (2.6 GB) to int4 in blocks of 32, file to file, beside ONNX Runtime's
# MatMulNBits quantizer on its linear weights, alternately: by the default algorithm, and by k-quant
# (beside `method: search`) on the first of them, by 17 M weights. The peer comes from PyPI, pinned in
# common/peers.txt. Then Mistral-7B (14.5 GB) beside cp of it.
# OPTRUN_BENCH_CHECKPOINTS: opt-1.3b, mistral-7b, or both (the default).

source "$(dirname "$0")/common/measure.sh"
common=$OPTRUN_SOURCE_DIR/integration/bench/common
read -ra checkpoints <<<"${OPTRUN_BENCH_CHECKPOINTS:-opt-1.3b mistral-7b}"

make_checkpoint() {
  model=$scratch/$1
  "$OPTRUN_BUILD_DIR/tests/make-checkpoint" "$1" "$model" >"$scratch/made"
}

# ours SERIES METHOD, to a folder that does not exist
ours() {
  measure "$1" "$opt_run" "$common/quantize-only.yaml" --quiet --set "model=$model" \
    --set "method=$2" --set "output=$scratch/quantized"
  rm -r "$scratch/quantized"
}

peer() { "$scratch/peers/bin/python" "$common/onnxruntime_quantizer.py" "$@"; }

install_peer() {
  python3 -m venv "$scratch/peers"
  "$scratch/peers/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$common/peers.txt"
}

copy() {
  mkdir "$scratch/copy"
  measure "$1" cp "$model"/*.safetensors "$scratch/copy"
  rm -r "$scratch/copy"
}

gigabytes() { calculate "$(median "$1" 3) * 1.024e-6"; }
seconds() { calculate "$(median "$1" "${2:-1}") / 1000"; }

# at_least WHAT VALUE GOAL: a row whose goal is a least value.
at_least() {
  printf '%-52s %12s %14s  %s\n' "$1" "$2 x" ">= $3 x" \
    "$(awk -v value="$2" -v goal="$3" 'BEGIN { print (value >= goal ? "yes" : "NO") }')"
}

against_the_peer() {
  make_checkpoint opt-1.3b
  install_peer
  mkdir "$scratch/linear" "$scratch/few" "$scratch/result"
  linear=$(peer make "$model" "$scratch/linear/model.onnx")
  few=$(peer make "$model" "$scratch/few/model.onnx" 1)
  for ((round = 0; round < rounds; ++round)); do
    ours rtn rtn
    measure peer "$scratch/peers/bin/python" "$common/onnxruntime_quantizer.py" default \
      "$scratch/linear/model.onnx" "$scratch/result/model.onnx"
    rm "$scratch/result"/*
    ours search search
    peer k-quant "$scratch/few/model.onnx" >"$scratch/output" 2>&1 || die "$(cat "$scratch/output")"
    tail -n 1 "$scratch/output" >>"$scratch/k-quant.samples"
  done
  of_linear=$(calculate "$linear / 1e6")
  of_all=$(calculate "($linear + 2050 * 2048) / 1e6") # and the table of positions
  print_comparison
  rm -r "$model" "$scratch/linear" "$scratch/few"
}

print_comparison() {
  head_of_table "opt-1.3b in half precision to int4, blocks of 32: $(sed 's/.*: //' "$scratch/made")"
  row "rtn, $of_all M weights" "$(seconds rtn)" s
  row "rtn, until all is on disk" "$(seconds rtn 2)" s
  row "rtn, processor time" "$(median rtn 4)" s
  row "ONNX Runtime, default, $of_linear M weights" "$(seconds peer)" s
  row "ONNX Runtime, processor time" "$(median peer 4)" s
  at_least "weights per second, rtn : ONNX Runtime's default" \
    "$(calculate "$of_all / $(median rtn 1) * $(median peer 1) / $of_linear" %.1f)" 15
  row "the same, per second of processor time" \
    "$(calculate "$of_all / $(median rtn 4) * $(median peer 4) / $of_linear" %.1f)" x
  row "rtn, peak resident memory" "$(gigabytes rtn)" GB 0.5
  row "ONNX Runtime, peak resident memory" "$(gigabytes peer)" GB
  row "search" "$(seconds search)" s
  row "search, processor time" "$(median search 4)" s
  row "ONNX Runtime, k-quant, $(calculate "$few / 1e6" %.1f) M weights in memory" \
    "$(calculate "$(median k-quant 1) / 1e6")" "M/s"
  at_least "weights per second, search : ONNX Runtime's k-quant" \
    "$(calculate "$of_all * 1e9 / $(median search 1) / $(median k-quant 1)" %.1f)" 50
  row "the same, per second of processor time" \
    "$(calculate "$of_all * 1e6 / $(median search 4) / $(median k-quant 2)" %.1f)" x
  row "search, peak resident memory" "$(gigabytes search)" GB 0.5
  print_samples rtn peer search
}

beside_cp() {
  make_checkpoint mistral-7b
  for ((round = 0; round < rounds; ++round)); do
    copy cp
    ours mistral rtn
  done
  head_of_table "mistral-7b in half precision to int4, blocks of 32: $(sed 's/.*: //' "$scratch/made")"
  row "cp" "$(seconds cp)" s
  row "rtn" "$(seconds mistral)" s
  row "rtn : cp, until the program ends" "$(calculate "$(median mistral 1) / $(median cp 1)")" x
  row "rtn : cp, until all is on disk" "$(calculate "$(median mistral 2) / $(median cp 2)")" x
  row "rtn, peak resident memory" "$(gigabytes mistral)" GB 1
  print_samples cp mistral
  rm -r "$model"
}

make_scratch 34 # the largest and a copy of it, or OPT twice with what is made of it
for checkpoint in "${checkpoints[@]}"; do
  case $checkpoint in
  opt-1.3b) against_the_peer ;;
  mistral-7b) beside_cp ;;
  *) die "there is no benchmark for $checkpoint: opt-1.3b or mistral-7b" ;;
  esac
  echo
done
