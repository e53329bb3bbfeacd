# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
"""coremltools' palettizer on weights of a checkpoint in half precision, for palettize-checkpoint.sh.

coremltools_palettizer.py CHECKPOINT GROUP_SIZE COUNT WORKERS
  The first COUNT linear weights, 4 bits, GROUP_SIZE output channels to a table (0: all of them).
  Prints weights per second, per second of processor time (workers included), and the relative error.
"""

import os
import sys
import time

import numpy as np
from checkpoint_weights import linear_weights
from coremltools.optimize.coreml._quantization_passes import palettize_weights


def processor_seconds():
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def decoded(parameters, shape):
    """The weight that tables and indices stand for."""
    tables = parameters.lut.reshape(-1, parameters.lut.shape[-2])
    rows = parameters.indices.astype(np.int64).reshape(len(tables), -1)
    return np.take_along_axis(tables, rows, axis=1).reshape(shape)


def main(path, group_size, count, workers):
    weights = [weight for _, weight in linear_weights(path)][:count]
    elapsed = -time.perf_counter()
    busy = -processor_seconds()
    results = [
        palettize_weights.grouped_channelwise_compress(
            weight, "KMEANS", 4, 0, group_size, num_kmeans_workers=workers
        )
        for weight in weights
    ]
    if palettize_weights._compress_pool is not None:  # so that the workers' time is counted
        palettize_weights._compress_pool.close()
        palettize_weights._compress_pool.join()
    elapsed += time.perf_counter()
    busy += processor_seconds()
    error = norm = 0.0
    for weight, result in zip(weights, results):
        wide = weight.astype(np.float64)
        error += np.sum((wide - decoded(result, weight.shape)) ** 2)
        norm += np.sum(wide**2)
    elements = sum(weight.size for weight in weights)
    print(f"{elements / elapsed:.0f} {elements / busy:.0f} {(error / norm) ** 0.5:.6f}")


if __name__ == "__main__":
    main(os.path.join(sys.argv[1], "model.safetensors"), *map(int, sys.argv[2:]))
