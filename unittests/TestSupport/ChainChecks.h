// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Is a chain of components the model that it was cut from?

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_CHAINCHECKS_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_CHAINCHECKS_H

#include "optrun/IR/Package.h"

#include "llvm/ADT/BitVector.h"

#include <gtest/gtest.h>

namespace optrun::test {

using Chain = std::vector<std::unique_ptr<ir::Component>>;

/// The structure: every component is a valid model; what it takes is an input of the original or
/// comes from a component before it; the original's inputs and outputs are there, outputs once;
/// every node that does not fold constants is in exactly one component, those of \p recomputed
/// (by number, empty for none) in one or more, and their results do not pass between components.
testing::AssertionResult chainIsComplete(const ir::Component &original, const Chain &chain,
                                         const llvm::BitVector &recomputed = {});

/// The numbers: runs both in ONNX Runtime without optimizations, passing values by name, on made-up
/// inputs. Symbolic dimensions get small sizes. Skips the test when there is no ONNX Runtime.
testing::AssertionResult chainComputesTheSame(const ir::Component &original, const Chain &chain);

/// Names of the inputs or outputs of a graph.
std::vector<std::string> namesOf(llvm::ArrayRef<ir::Value *> values);

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_CHAINCHECKS_H
