// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the inputs of a language model mean, as far as names and the graph tell.

#ifndef OPTRUN_ANALYSIS_INPUTDESCRIPTION_H
#define OPTRUN_ANALYSIS_INPUTDESCRIPTION_H

#include "optrun/IR/Package.h"

namespace optrun {

enum class InputRole {
  Indices,   ///< rows of a table: token ids, token types
  Positions, ///< positions in the sequence
  Mask,      ///< 1 where there is a token, 0 where there is padding
  Past,      ///< keys and values of earlier tokens
  UsePast,   ///< a switch: whether the past is given
  Values     ///< anything else
};

struct InputDescription {
  std::string name;
  ir::DataType type = ir::DataType::Undefined;
  ir::Shape shape;
  InputRole role = InputRole::Values;
  /// Indices and positions: the least number of rows among the tables that they select from.
  std::optional<int64_t> rows;
};

/// Describes the inputs of \p model, in order, without those that are initializers too and those
/// that are no tensors or whose element type or rank is unknown. Names decide about masks,
/// positions and past; which inputs are indices, and into how large a table, is found by following
/// the input through casts and reshapes to the operators that look up constant tables.
std::vector<InputDescription> describeInputs(const ir::Component &model);

/// The most tokens, past ones included, for which \p model has positions in its own tables; nullopt
/// when it takes positions as input, computes them by formula, or nothing is known.
std::optional<int64_t> countOwnPositions(const ir::Component &model);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_INPUTDESCRIPTION_H
