#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Whole processes (capture, split in 4, export; no verify) on graphs of about 10^3 to 10^6 nodes with
# tiny weights. Linear is a time for each node that does not grow.

source "$(dirname "$0")/common/measure.sh"

# 16 nodes a layer and 3 around them.
declare -A layers=([1e3]=63 [1e4]=625 [1e5]=6250 [1e6]=62500)
sizes=(1e3 1e4 1e5 1e6)
available=$(awk '/^MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo)
if [ "$available" -lt 6 ]; then
  echo "10^6 nodes are LEFT OUT: they need 6 GB of memory, and $available GB are available"
  sizes=(1e3 1e4 1e5)
fi

make_scratch 3
for size in "${sizes[@]}"; do
  make_decoder "$size" --layers "${layers[$size]}" --hidden 8 --intermediate 16 --vocabulary 64
done
for ((round = 0; round < rounds; ++round)); do
  for size in "${sizes[@]}"; do
    measure "$size" "$opt_run" "$split_recipe" --quiet --set "model=$scratch/$size" \
      --set "output=$scratch/parts"
    rm -r "$scratch/parts"
  done
done

head_of_table "nodes"
for size in "${sizes[@]}"; do
  goal=()
  [ "$size" != 1e5 ] || goal=(2000)
  row "$size nodes" "$(calculate "$(median "$size" 1)" %.0f)" ms "${goal[@]}"
done
for size in "${sizes[@]}"; do
  nodes=$((16 * layers[$size] + 3))
  row "$size nodes, each" "$(calculate "$(median "$size" 1) * 1000 / $nodes" %.1f)" us
  row "$size nodes, peak memory of each" "$(calculate "$(median "$size" 3) * 1.024 / $nodes" %.1f)" kB
done
print_samples "${sizes[@]}"
