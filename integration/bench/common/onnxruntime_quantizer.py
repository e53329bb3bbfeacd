# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime's MatMulNBits quantizer on the weights of a checkpoint, for quantize-checkpoint.sh.

make CHECKPOINT MODEL [N]  an ONNX model with a MatMul for each linear weight of OPT in half precision
                           (the first N): the quantizer takes MatMul with a constant, not Gemm
default MODEL RESULT       file to file, int4 in blocks of 32, symmetric, by the default algorithm
k-quant MODEL              in memory, by k-quant; prints weights per second, and per second of
                           processor time
"""

import itertools
import sys
import time

import numpy as np
import onnx
from checkpoint_weights import linear_weights
from onnx import TensorProto, helper

BLOCK_SIZE = 32


def make(checkpoint, path, count=None):
    """Each weight transposed, in one file of external data beside the model."""
    nodes, inputs, outputs, tensors, offset = [], [], [], [], 0
    with open(path + ".data", "wb") as data:
        weights = linear_weights(checkpoint + "/model.safetensors")
        for name, weight in itertools.islice(weights, count and int(count)):
            rows, columns = weight.shape
            data.write(np.ascontiguousarray(weight.T).tobytes())
            tensor = TensorProto(name=name, data_type=TensorProto.FLOAT16, dims=[columns, rows])
            tensor.data_location = TensorProto.EXTERNAL
            places = {"location": path.rsplit("/", 1)[-1] + ".data", "offset": offset,
                      "length": weight.nbytes}
            for key, value in places.items():
                tensor.external_data.add(key=key, value=str(value))
            offset += weight.nbytes
            tensors.append(tensor)
            half = TensorProto.FLOAT16
            inputs.append(helper.make_tensor_value_info(name + ".x", half, ["n", columns]))
            outputs.append(helper.make_tensor_value_info(name + ".y", half, ["n", rows]))
            nodes.append(helper.make_node("MatMul", [name + ".x", name], [name + ".y"], name=name))
    graph = helper.make_graph(nodes, "linear", inputs, outputs, tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]), path)
    print(offset // 2)


def quantizer(model, algorithm):
    from onnxruntime.quantization import matmul_nbits_quantizer as peer

    if algorithm == "k-quant":
        config = peer.KQuantWeightOnlyQuantConfig()
    else:
        config = peer.DefaultWeightOnlyQuantConfig(block_size=BLOCK_SIZE, is_symmetric=True)
    return peer.MatMulNBitsQuantizer(
        model, block_size=BLOCK_SIZE, is_symmetric=True, algo_config=config
    )


def quantize(path, result):
    work = quantizer(onnx.load(path), "default")
    work.process()
    work.model.save_model_to_file(result, use_external_data_format=True)


def measure_k_quant(path):
    model = onnx.load(path)
    weights = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)
    work = quantizer(model, "k-quant")
    start, processor = time.monotonic(), time.process_time()
    work.process()
    taken, processor = time.monotonic() - start, time.process_time() - processor
    if any(node.op_type != "MatMulNBits" for node in work.model.model.graph.node):
        sys.exit("k-quant has left weights")
    print(f"\n{weights / taken} {weights / processor}")  # behind a bar of progress


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "make":
        make(*arguments)
    elif command == "default":
        quantize(*arguments)
    else:
        measure_k_quant(*arguments)
