// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Arrays in NumPy's .npy files.

#ifndef OPTRUN_CHECKPOINT_NPY_H
#define OPTRUN_CHECKPOINT_NPY_H

#include "optrun/IR/Tensor.h"

namespace optrun::checkpoint {

/// The array in the file at \p path, which it is named after. Elements stay in the file. Reads
/// versions 1 to 3 of the format, little-endian numbers and booleans in C order; refuses what
/// else NumPy writes (objects, structures, text, big-endian and Fortran-ordered arrays), headers of
/// more than 64 KiB and files that are longer or shorter than the array. Errors name the file.
llvm::Expected<ir::TensorRef> readNpy(llvm::StringRef path);

} // namespace optrun::checkpoint

#endif // OPTRUN_CHECKPOINT_NPY_H
