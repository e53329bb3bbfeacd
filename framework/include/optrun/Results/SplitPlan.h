// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The plan of a split, handed from the splitting pass to export.

#ifndef OPTRUN_RESULTS_SPLITPLAN_H
#define OPTRUN_RESULTS_SPLITPLAN_H

#include "optrun/IR/Attachment.h"

#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace optrun {

class SplitPlan final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.SplitPlan/1";
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  struct Part {
    std::string component;            // its name in the package
    uint64_t plannedBytes = 0;        // weight bytes as planned, before the cut
    std::vector<std::string> modules; // outermost module paths that lie whole in this part
    /// For what it takes on its device: its weights, and what the splitting pass counts with them.
    std::optional<uint64_t> budgetBytes;
    std::string device; // where it is meant to run; empty when nobody said
  };
  std::vector<Part> parts;

  std::vector<std::string> componentNames() const;

  /// The form that Olive reads and writes as model property: "model.layers.0=0;model.layers.1=1".
  std::string splitAssignments() const;
};

/// Module path → part, from the property; an error for text of another form.
llvm::Expected<std::vector<std::pair<std::string, uint32_t>>>
parseSplitAssignments(llvm::StringRef text);

} // namespace optrun

#endif // OPTRUN_RESULTS_SPLITPLAN_H
