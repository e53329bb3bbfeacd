// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Payloads for models of real sizes.

#ifndef OPTRUN_INTEGRATION_MODELS_RANDOMWEIGHTS_H
#define OPTRUN_INTEGRATION_MODELS_RANDOMWEIGHTS_H

#include "optrun/IR/TensorSource.h"

namespace optrun::test {

/// \p bytes bytes of pseudo-random numbers of either sign, 2^-7 to 2^-5, the same for the same
/// \p seed. \p type is Float16 or BFloat16. Real bytes: sparse files or zeros would flatter whoever
/// copies them.
ir::TensorSourceRef makeRandomWeights(ir::DataType type, uint64_t bytes, uint64_t seed);

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_MODELS_RANDOMWEIGHTS_H
