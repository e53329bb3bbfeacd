#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# A model with 3.8 GB of external data, split in 4, beside cp of the same bytes. Both write to a folder
# that does not exist, on the same disk, alternately; before each run everything older is synced, and
# whether the page cache holds the model is left to the machine, the same for both. Times are given
# until the program ends (neither syncs by itself) and until everything is on disk.

source "$(dirname "$0")/common/measure.sh"

make_scratch 13 # the model, one copy at a time, and as much again for what is being deleted
make_decoder model --layers 16 --hidden 2560 --intermediate 10240 --vocabulary 43500
model=$scratch/model

split() { # SERIES FOLDER EXTERNAL-DATA
  measure "$1" "$opt_run" "$split_recipe" --quiet --set "model=$model" --set "output=$2" \
    --set "external-data=$3"
}

cp "$model/model.onnx.data" "$scratch/warm-up" && rm "$scratch/warm-up"
for ((round = 0; round < rounds; ++round)); do
  mkdir "$scratch/copy"
  measure cp cp "$model/model.onnx" "$model/model.onnx.data" "$scratch/copy"
  rm -r "$scratch/copy"
  split split "$scratch/parts" single
  rm -r "$scratch/parts"
  split shared "$model" shared # the second and later ones replace the result of the one before
done

head_of_table "split of $(du -b --block-size=1MB "$model/model.onnx.data" | cut -f1) MB in 4"
row "cp" "$(median cp 1)" ms
row "split" "$(median split 1)" ms
row "split : cp, until the program ends" "$(calculate "$(median split 1) / $(median cp 1)")" x 1.1
row "split : cp, until all is on disk" "$(calculate "$(median split 2) / $(median cp 2)")" x 1.1
row "split, peak resident memory" "$(calculate "$(median split 3) * 1.024 / 1000" %.1f)" MB 150
row "external-data: shared, in the model's folder" "$(calculate "$(median shared 1)" %.0f)" ms 500
row "the same, peak resident memory" "$(calculate "$(median shared 3) * 1.024 / 1000" %.1f)" MB 150
print_samples cp split shared
