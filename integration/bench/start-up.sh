#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# What a user waits for when there is little to do: whole processes, beside the shortest one.

source "$(dirname "$0")/common/measure.sh"

make_scratch 1
make_decoder model --layers 4 --hidden 96 --intermediate 192 --vocabulary 512 # 1 MB

for ((round = 0; round < rounds; ++round)); do
  measure_short true 50 /bin/true
  measure_short version 50 "$opt_run" --version
  measure_short split 10 "$opt_run" "$split_recipe" --quiet --set "model=$scratch/model" \
    --set "output=$scratch/parts"
  measure_short memory 10 "$opt_run" "$memory_recipe" --quiet --set "model=$scratch/model" \
    --set memory=300KB --set "output=$scratch/parts-by-memory"
done

head_of_table "start-up"
row "/bin/true" "$(median true 1)" ms
row "opt-run --version" "$(median version 1)" ms 10
row "the same : /bin/true" "$(calculate "$(median version 1) / $(median true 1)" %.1f)" x
row "split of 1 MB in 4, no verify" "$(median split 1)" ms 100
row "the same : /bin/true" "$(calculate "$(median split 1) / $(median true 1)" %.1f)" x
row "split of 1 MB by memory in 4, no verify" "$(median memory 1)" ms 100
row "the same : split in 4" "$(calculate "$(median memory 1) / $(median split 1)" %.1f)" x
print_samples true version split memory
