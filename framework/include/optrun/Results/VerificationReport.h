// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What verify has found; for the manifest and the final table.

#ifndef OPTRUN_RESULTS_VERIFICATIONREPORT_H
#define OPTRUN_RESULTS_VERIFICATIONREPORT_H

#include "optrun/IR/Attachment.h"

#include <vector>

namespace optrun {

class VerificationReport final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.VerificationReport/1";
  VerificationReport();
  ~VerificationReport() override;
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  /// One comparison of one output on one set of inputs.
  struct Comparison {
    std::string inputs; // "batch 2, sequence 7"
    std::string output;
    bool optimized = false; // ONNX Runtime's graph optimizations
    bool bitEqual = false;
    double maxAbsolute = 0; // |a - b|
    double maxRelative = 0; // |a - b| / max(|a|), per output
    double allowed = 0;     // for maxRelative, unless bit-equality is demanded
  };
  std::vector<Comparison> comparisons;
  std::string reference; // the file name of the model compared with
  bool exact = true;     // bit-equality was demanded of runs without graph optimizations
  double tolerance = 0;  // the largest that is allowed for maxRelative in the others

  size_t inputSets() const;
  size_t outputs() const;
  /// Of the comparisons without graph optimizations.
  bool allBitEqual() const;
  /// Over all comparisons.
  double maxRelative() const;
  /// "bit-equal on 3 inputs", "within 2.1e-07 on 3 inputs"
  std::string summary() const;
};

} // namespace optrun

#endif // OPTRUN_RESULTS_VERIFICATIONREPORT_H
