#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# OPT-1.3B in half precision (2.6 GB) to int4 in blocks of 32, file to file, beside ONNX Runtime's
# MatMulNBits quantizer on its linear weights, alternately: by the default algorithm, and by k-quant
# (beside `method: search`) on as many weights as OPTRUN_BENCH_KQUANT says, by default 4. The peer comes
# from PyPI, pinned in common/peers.txt. Then Mistral-7B (14.5 GB) beside cp of it.
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
  local linear few ours_all
  linear=$(peer make "$model" "$scratch/linear/model.onnx")
  few=$(peer make "$model" "$scratch/few/model.onnx" "${OPTRUN_BENCH_KQUANT:-4}")
  ours_all=$(calculate "$linear + 2050 * 2048" %.0f) # and the table of positions
  for ((round = 0; round < rounds; ++round)); do
    ours rtn rtn
    measure peer "$scratch/peers/bin/python" "$common/onnxruntime_quantizer.py" default \
      "$scratch/linear/model.onnx" "$scratch/result/model.onnx"
    rm "$scratch/result"/*
    ours search search
    peer k-quant "$scratch/few/model.onnx" 2>/dev/null | tail -n 1 >>"$scratch/k-quant.rates"
  done
  local k_quant search
  k_quant=$(sort -n "$scratch/k-quant.rates" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] / 1e6 }')
  search=$(calculate "$ours_all / $(median search 1) / 1000")

  head_of_table "opt-1.3b in half precision to int4, blocks of 32: $(sed 's/.*: //' "$scratch/made")"
  row "rtn, $(calculate "$ours_all / 1e9") G weights" "$(seconds rtn)" s
  row "rtn, until all is on disk" "$(seconds rtn 2)" s
  row "ONNX Runtime, default, $(calculate "$linear / 1e9") G weights" "$(seconds peer)" s
  at_least "weights per second, rtn : ONNX Runtime's default" \
    "$(calculate "($ours_all / $(median rtn 1)) / ($linear / $(median peer 1))" %.1f)" 15
  row "rtn, peak resident memory" "$(gigabytes rtn)" GB 0.5
  row "ONNX Runtime, peak resident memory" "$(gigabytes peer)" GB
  row "search" "$search" "M weights/s"
  row "ONNX Runtime, k-quant, $(calculate "$few / 1e6" %.0f) M weights in memory" "$k_quant" "M weights/s"
  at_least "weights per second, search : ONNX Runtime's k-quant" "$(calculate "$search / $k_quant" %.1f)" 50
  row "search, peak resident memory" "$(gigabytes search)" GB 0.5
  print_samples rtn peer search
  rm -r "$model" "$scratch/linear" "$scratch/few"
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
