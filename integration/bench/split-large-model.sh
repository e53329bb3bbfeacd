#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# A model with 3.8 GB of external data, split in 4 by count and by memory, beside cp of the same bytes.
# All write to a folder that does not exist, on the same disk, alternately; before each run everything
# older is synced, and whether the page cache holds the model is left to the machine, the same for all.
# Times are given until the program ends (none syncs by itself) and until everything is on disk.

source "$(dirname "$0")/common/measure.sh"

make_scratch 13 # the model, one copy at a time, and as much again for what is being deleted
make_decoder model --layers 16 --hidden 2560 --intermediate 10240 --vocabulary 43500
model=$scratch/model

split() { # SERIES FOLDER EXTERNAL-DATA RECIPE [OPTION...]
  measure "$1" "$opt_run" "$4" --quiet --set "model=$model" --set "output=$2" \
    --set "external-data=$3" "${@:5}"
}
by_count() { split "$@" "$split_recipe"; }
by_memory() { split "$@" "$memory_recipe" --set memory=1.1GB; }

cp "$model/model.onnx.data" "$scratch/warm-up" && rm "$scratch/warm-up"
for ((round = 0; round < rounds; ++round)); do
  mkdir "$scratch/copy"
  measure cp cp "$model/model.onnx" "$model/model.onnx.data" "$scratch/copy"
  rm -r "$scratch/copy"
  for way in by_count by_memory; do
    "$way" "$way" "$scratch/parts" single
    rm -r "$scratch/parts"
    "$way" "$way-shared" "$model" shared # later ones replace the result of the one before
  done
done

head_of_table "split of $(du -b --block-size=1MB "$model/model.onnx.data" | cut -f1) MB in 4"
row "cp" "$(median cp 1)" ms
for way in by_count by_memory; do
  name="split ${way/_/ }"
  row "$name" "$(median "$way" 1)" ms
  row "$name : cp, until the program ends" "$(calculate "$(median "$way" 1) / $(median cp 1)")" x 1.1
  row "$name : cp, until all is on disk" "$(calculate "$(median "$way" 2) / $(median cp 2)")" x 1.1
  row "$name, peak resident memory" "$(calculate "$(median "$way" 3) * 1.024 / 1000" %.1f)" MB 150
  row "external-data: shared, in the model's folder" "$(calculate "$(median "$way-shared" 1)" %.0f)" ms 500
  row "the same, peak resident memory" "$(calculate "$(median "$way-shared" 3) * 1.024 / 1000" %.1f)" MB 150
done
print_samples cp by_count by_count-shared by_memory by_memory-shared
