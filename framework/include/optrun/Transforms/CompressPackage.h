// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The steps of every pass that compresses weights: chooses them, has each compressed once, and the
/// nodes that read them rewritten.

#ifndef OPTRUN_TRANSFORMS_COMPRESSPACKAGE_H
#define OPTRUN_TRANSFORMS_COMPRESSPACKAGE_H

#include "optrun/Compression/CompressionReport.h"
#include "optrun/Compression/WeightSelection.h"
#include "optrun/Pass/PassContext.h"
#include "optrun/Transforms/ComponentEditor.h"

namespace optrun {

/// How far a compressed weight is from the original.
struct CompressionErrors {
  double squaredError = 0;      ///< sum of (value - decoded)^2
  double squaredWeight = 0;     ///< sum of value^2
  uint64_t nonFiniteValues = 0; ///< infinite or NaN: the weight has to stay as it is
};

/// How one weight will be stored, and what came of it. Each pass has its own.
class CompressionPlan {
public:
  virtual ~CompressionPlan();

  /// The least version of ONNX's operators, and of its format, that the form needs.
  virtual int64_t opset() const = 0;
  virtual int64_t irVersion() const = 0;
  /// "int4, blocks of 32"
  virtual std::string format() const = 0;
  /// All that is stored: codes, scales, tables.
  virtual uint64_t storedBytes() const = 0;

  /// What follows is asked for when the weight has been compressed.
  virtual CompressionErrors errors() const = 0;
  /// Tells the user what is remarkable about the weight of this name.
  virtual void report(llvm::StringRef name, PassContext &context) const;
  /// Has \p uses, which are those of one component, read what is stored.
  virtual llvm::Error rewrite(llvm::ArrayRef<WeightUse> uses, ComponentEditor &editor) const = 0;
};

/// What a pass makes of weights.
class WeightCompression {
public:
  virtual ~WeightCompression();

  /// \p weight lives as long as the plan. \p rule: the number of the one that applies to it.
  /// Null leaves the weight as it is. Weights may be planned again, when the graph has changed.
  virtual llvm::Expected<std::unique_ptr<CompressionPlan>> plan(const Weight &weight,
                                                                std::optional<size_t> rule) = 0;

  /// Compresses the weights of \p plans, all of which are this object's.
  virtual llvm::Error compress(llvm::ArrayRef<std::unique_ptr<CompressionPlan>> plans,
                               PassContext &context) = 0;
};

struct CompressionRequest {
  llvm::StringRef pass;       ///< "quantize"
  llvm::StringRef participle; ///< "quantized"
  WeightSelection selection;
};

/// Compresses what \p request selects, in all components and in the whole model that they were,
/// which becomes the ReferenceModel. A SplitPlan, if there is one, is brought up to date. Tables of
/// positions (isPositionTable()) stay as they are unless a rule matches them, and so do weights
/// with infinite values or NaN, with a warning. Opset and IR version are raised as far as plans
/// need it, in all components alike.
/// \returns what was made of each weight of the package.
llvm::Expected<std::vector<CompressedWeight>> compressPackage(ir::Package &package,
                                                              const CompressionRequest &request,
                                                              WeightCompression &compression,
                                                              PassContext &context);

/// Prints tables of \p weights, which compressPackage() gave for \p package: of all by their place,
/// and of the largest errors. Statistics have each of them.
void reportCompression(const ir::Package &package, llvm::ArrayRef<CompressedWeight> weights,
                       llvm::StringRef participle, PassContext &context);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_COMPRESSPACKAGE_H
