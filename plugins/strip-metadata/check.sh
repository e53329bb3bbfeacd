#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# check.sh MODEL FOLDER: the exported model in FOLDER/out has none of the exporter's metadata.

set -euo pipefail
grep -aq 'pkg\.torch\.' "$1" || { echo "$1 is no good example: it has no metadata"; exit 1; }
! grep -aq 'pkg\.torch\.' "$2/out/model.onnx"
