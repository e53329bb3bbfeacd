// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The header of a .npy file: a dictionary as Python prints it.

#ifndef OPTRUN_LIB_CHECKPOINT_NPYHEADER_H
#define OPTRUN_LIB_CHECKPOINT_NPYHEADER_H

#include "optrun/IR/Tensor.h"

namespace optrun::checkpoint {

struct NpyHeader {
  ir::DataType type = ir::DataType::Undefined;
  ir::Tensor::Dims dims;
};

/// Reads "{'descr': '<i8', 'fortran_order': False, 'shape': (64, 512), }" and the like. \p text may
/// hold anything. An error for what the format forbids and for arrays that are no tensors to us.
llvm::Expected<NpyHeader> parseNpyHeader(llvm::StringRef text);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_NPYHEADER_H
