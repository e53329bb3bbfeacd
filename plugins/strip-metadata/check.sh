#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# check.sh MODEL FOLDER: the exported model in FOLDER/out has none of the exporter's source paths.

set -euo pipefail
grep -aq 'stack_trace' "$1" || { echo "$1 is no good example: it has no stack traces"; exit 1; }
! grep -aq -e 'stack_trace' -e '\.py' "$2/out/model.onnx"
