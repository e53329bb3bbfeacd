// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What becomes of the nodes that read a palettized weight.

#ifndef OPTRUN_PASSES_PALETTIZE_FORMS_LUTFORM_H
#define OPTRUN_PASSES_PALETTIZE_FORMS_LUTFORM_H

#include "WeightPalettizer.h"

#include "optrun/Transforms/ComponentEditor.h"

namespace optrun::palettize {

/// Has \p uses, which are those of the editor's component, read \p palettized, the result of
/// \p job: Gather becomes LutGather where rows are whole bytes, every other node reads LutToDense.
/// Indices are elements of a type where the component's opset and IR version have one of their
/// bits (UINT8, UINT4 from opset 21, UINT2 from 25), a stream of bits in bytes elsewhere.
llvm::Error rewriteUses(const Weight &weight, llvm::ArrayRef<WeightUse> uses,
                        const PalettizationJob &job, const PalettizedWeight &palettized,
                        ComponentEditor &editor);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_FORMS_LUTFORM_H
