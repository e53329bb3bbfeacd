# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
"""Writes goldens.safetensors: what ONNX Runtime's quantizers make of a few columns of weights.

    pip install onnxruntime==1.31.1 onnx onnx_ir safetensors numpy
    python make_goldens.py goldens.safetensors

Weights are [columns, rows]: a row of the file is what one call of quantizeRow() gets.
"""

import sys

import numpy as np
from onnx import TensorProto
from onnxruntime.quantization.matmul_nbits_quantizer import (
    DefaultWeightOnlyQuantConfig,
    DefaultWeightOnlyQuantizer,
)
from onnxruntime.quantization.quant_utils import quantize_data
from safetensors.numpy import save_file

ROWS = 75
TYPES = {"float32": np.float32, "float16": np.float16}
INTEGERS = {
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int4": TensorProto.INT4,
    "uint4": TensorProto.UINT4,
}


def columns(dtype):
    random = np.random.default_rng(7)
    steps = np.arange(ROWS)
    weights = [
        random.normal(0, 0.02, ROWS),
        random.standard_cauchy(ROWS) * 0.01,
        (steps % 33 - 16) / 32,  # values halfway between two codes
        np.where(steps % 2 == 0, 0.75, -0.75),  # two extremes of the same magnitude
        np.where(steps % 32 < 16, 0, 0.3),  # blocks of zeros, blocks without negative values
        np.abs(random.normal(0, 1, ROWS)) * 1e-7,  # subnormal numbers of float16
        -np.abs(random.normal(0, 1, ROWS)) - 3,
    ]
    return np.stack(weights).astype(dtype)


def block_quantized(weights, bits, block_size, symmetric):
    config = DefaultWeightOnlyQuantConfig(block_size=block_size, is_symmetric=symmetric, bits=bits)
    return DefaultWeightOnlyQuantizer(config).qbits_block_quant(np.ascontiguousarray(weights.T))


def linear_quantized(weights, integer, symmetric):
    parts = [quantize_data(row, integer, symmetric) for row in weights]
    zeros, scales, codes = zip(*[part[-3:] for part in parts])
    return np.stack(codes), np.array(scales), np.array(zeros)


def main(path):
    tensors = {}
    for type_name, dtype in TYPES.items():
        weights = columns(dtype)
        tensors[type_name] = weights
        for symmetric in (True, False):
            mode = "symmetric" if symmetric else "asymmetric"
            for bits in (2, 4, 8):
                for block_size in (16, 32, 128):
                    name = f"{type_name}.bits{bits}.block{block_size}.{mode}"
                    codes, scales, zeros = block_quantized(weights, bits, block_size, symmetric)
                    tensors[f"{name}.codes"] = codes
                    tensors[f"{name}.scales"] = scales
                    if not symmetric:
                        tensors[f"{name}.zeros"] = zeros
            for integer_name, integer in INTEGERS.items():
                name = f"{type_name}.{integer_name}.{mode}"
                codes, scales, zeros = linear_quantized(weights, integer, symmetric)
                tensors[f"{name}.codes"] = codes.astype(np.int16)
                tensors[f"{name}.scales"] = scales.astype(dtype)
                tensors[f"{name}.zeros"] = zeros.astype(np.int16)
    save_file(tensors, path)


if __name__ == "__main__":
    main(sys.argv[1])
