#!/usr/bin/env bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# check.sh MODEL FOLDER: the exported model in FOLDER/out has none of the exporter's class names and source paths.

set -euo pipefail
grep -aq 'pkg.torch.onnx.class_hierarchy' "$1" || { echo "$1 is no good example: it has no class names"; exit 1; }
! grep -aq -e 'pkg.torch.onnx.class_hierarchy' -e '\.py' "$2/out/model.onnx"
