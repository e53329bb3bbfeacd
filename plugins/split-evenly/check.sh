#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# check.sh MODEL WORK: the example has run in WORK and written WORK/out.

set -euo pipefail
[ "$(ls "$2"/out/split_*.onnx | wc -l)" = 3 ] || { echo "there are not 3 components" >&2; exit 1; }
grep -q 'bit-equal' "$2/result" || { echo "the components were not verified" >&2; exit 1; }
