// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What is done to a node whose operator changed. A check refuses what cannot be kept; a rewrite
/// returns the node that now stands for the old one. Errors say why, without the node's name.

#ifndef OPTRUN_LIB_TRANSFORMS_OPSET_ADAPTERS_H
#define OPTRUN_LIB_TRANSFORMS_OPSET_ADAPTERS_H

#include "NodeRewriter.h"

namespace optrun::opset {

using Check = llvm::Error (*)(const ir::Node &);
using Rewrite = llvm::Expected<ir::Node *> (*)(ir::Node &, NodeRewriter &);

// Attributes that became inputs (AttributesToInputs.cpp).
llvm::Expected<ir::Node *> axesToInput(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> clipRangeToInputs(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> dftAxisToInput(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> dropoutRatioToInput(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> padsToInputs(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> sliceRangeToInputs(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> splitToInput(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> topKToInput(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> upsampleScalesToInput(ir::Node &node, NodeRewriter &rewriter);

// Meanings that changed (ChangedMeanings.cpp).
llvm::Expected<ir::Node *> countSplitOutputs(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> dropSpatial(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> flattenBeforeSoftmax(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> keepRoiAlignOffset(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> makeMaskBoolean(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> renameGridSampleMode(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> repeatGroupScales(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> scatterToScatterElements(ir::Node &node, NodeRewriter &rewriter);

// Upsample and Resize (ResizeAdapters.cpp).
llvm::Expected<ir::Node *> upsampleToResize(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> stateResizeCoordinates(ir::Node &node, NodeRewriter &rewriter);
llvm::Expected<ir::Node *> omitEmptyScales(ir::Node &node, NodeRewriter &rewriter);

// Uses that newer versions compute otherwise, or have no more (Checks.cpp).
llvm::Error hasNoCausalPast(const ir::Node &node);
llvm::Error hasNoMask(const ir::Node &node);
llvm::Error infersOnly(const ir::Node &node);
llvm::Error isFloatingPoint(const ir::Node &node);
llvm::Error padsExplicitly(const ir::Node &node);
llvm::Error poolsInsideOnly(const ir::Node &node);
llvm::Error saturatesNoFnuz(const ir::Node &node);

} // namespace optrun::opset

#endif // OPTRUN_LIB_TRANSFORMS_OPSET_ADAPTERS_H
