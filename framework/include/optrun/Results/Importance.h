// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How much errors in weights matter, measured by one pass and used by others.

#ifndef OPTRUN_RESULTS_IMPORTANCE_H
#define OPTRUN_RESULTS_IMPORTANCE_H

#include "optrun/IR/Attachment.h"

#include "llvm/Support/Error.h"

#include <vector>

namespace optrun {

class Importance final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.Importance/1";
  Importance();
  ~Importance() override;
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  /// By the name of the weight's tensor: for each input that its products sum over (row of a
  /// MatMul's B, column of a Linear), what the square of an error in it is weighted with, the mean
  /// square of the activations, say. Finite, not negative. Weights that are not in here have no
  /// importance: all inputs count alike.
  std::map<std::string, std::vector<float>, std::less<>> byWeight;

  /// The list of \p weight, or none. An error when it does not have \p inputs entries, all of them
  /// finite and not negative.
  llvm::Expected<llvm::ArrayRef<float>> find(llvm::StringRef weight, uint64_t inputs) const;
  /// That of a weight of several names: of the first one that is in here.
  llvm::Expected<llvm::ArrayRef<float>> findFirst(llvm::ArrayRef<std::string> names,
                                                  uint64_t inputs) const;
};

} // namespace optrun

#endif // OPTRUN_RESULTS_IMPORTANCE_H
