// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source that decodes quantized blocks when read.

#include "BlockDecoder.h"
#include "BlockwiseSource.h"
#include "Messages.h"

namespace optrun::checkpoint {

llvm::Expected<ir::TensorSourceRef> makeGgufDequantizedSource(ir::TensorSourceRef blocks,
                                                              GgmlType type, ir::DataType to) {
  if (!blocks)
    return makeError("a dequantization needs a source");
  GgmlLayout layout = ggmlLayout(type);
  BlockFunction decode = blockDecoder(type);
  if (!decode || (to != ir::DataType::Float32 && to != ir::DataType::Float16))
    return makeError("cannot dequantize " + layout.name + " to " + ir::dataTypeName(to));
  llvm::Expected<ir::TensorSourceRef> decoded =
      makeBlockwiseSource(std::move(blocks), layout, layout.blockElements * sizeof(float), decode);
  if (!decoded)
    return decoded.takeError();
  return ir::makeCastSource(std::move(*decoded), ir::DataType::Float32, to);
}

} // namespace optrun::checkpoint
