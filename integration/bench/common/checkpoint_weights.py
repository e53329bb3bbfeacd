# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
"""The linear weights of an OPT checkpoint in half precision, for what is measured beside opt-run."""

import json
import mmap

import numpy as np


def linear_weights(path):
    """Names and [out, in] arrays, as the file of a checkpoint has them: layers, then the table."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    linear = ("fc1.weight", "fc2.weight", "_proj.weight", "embed_tokens.weight")
    for name, entry in sorted(header.items(), key=lambda item: ("layers" not in item[0], item[0])):
        if name.endswith(linear):
            first, last = entry["data_offsets"]
            values = np.frombuffer(data, np.float16, (last - first) // 2, start + first)
            yield name, values.reshape(entry["shape"])
