// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How operators read matrices.

#ifndef OPTRUN_LIB_COMPRESSION_WEIGHTOPERAND_H
#define OPTRUN_LIB_COMPRESSION_WEIGHTOPERAND_H

#include "optrun/Compression/Weights.h"

namespace optrun {

/// What a node that only hands a constant on makes of it.
struct Passage {
  ir::DataType type;       // of the result
  bool transposes = false; // the last two axes
};

/// For Cast between floating-point types, Identity, and Transpose of the last two axes, with an
/// operand of \p type and \p rank; nullopt for other nodes.
std::optional<Passage> passageThrough(const ir::Node &node, ir::DataType type, size_t rank);

struct OperandLayout {
  WeightUse::Kind kind;
  MatrixLayout stored; // of the constant
  bool rowsFirst;      // as the node reads it
};

/// How \p node reads a constant of \p dims, the last two of them exchanged on the way when
/// \p isTransposed, as operand \p operand. nullopt when it is no weight there.
std::optional<OperandLayout> layoutOfOperand(const ir::Node &node, unsigned operand,
                                             llvm::ArrayRef<int64_t> dims, bool isTransposed);

} // namespace optrun

#endif // OPTRUN_LIB_COMPRESSION_WEIGHTOPERAND_H
