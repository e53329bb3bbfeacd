// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What each module of a model costs, handed from cost-estimate to the passes that plan.

#ifndef OPTRUN_RESULTS_COSTMODEL_H
#define OPTRUN_RESULTS_COSTMODEL_H

#include "optrun/IR/Attachment.h"

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace optrun {

/// The costs of one module: of the nodes that are in it and in no module inside of it. What several
/// modules use (tied weights) counts in each of them; `tied…` says how much of it a row before
/// counts already. All counts saturate.
struct ModuleCost {
  std::string module; // "model.layers.0.self_attn.q_proj"

  // The published columns.
  uint64_t params = 0;
  uint64_t bytes = 0; // of the parameters, at the precision that was asked for
  /// By the published rules, for every token: Linear 2 · params, Embedding 1, norms 4 · hidden,
  /// SiLU 6 · hidden, else 0.
  uint64_t publishedFlops = 0;

  // Ours.
  /// All payloads as the model stores them: parameters, scales, zero points, other constants.
  uint64_t storedBytes = 0;
  uint64_t activationBytes = 0; // results of the nodes
  uint64_t movedBytes = 0;      // read and written in one run
  uint64_t cacheBytes = 0;      // of the KV cache, past and present
  uint64_t flops = 0;           // by operator: Analysis/NodeCost.h
  uint64_t attentionFlops = 0;  // of these, attention scores and scores times values

  uint64_t tiedParams = 0;
  uint64_t tiedBytes = 0;       // of bytes
  uint64_t tiedStoredBytes = 0; // of storedBytes
  std::string tiedTo;           // the row that counts the largest of it; empty when nothing is tied

  /// FLOPs for each byte moved; 0 when none is.
  double intensity() const;
  bool operator==(const ModuleCost &) const = default;
};

/// The sum, with what is tied counted once: nothing is tied in it.
ModuleCost totalCost(llvm::ArrayRef<ModuleCost> rows);

/// How many bytes a parameter is counted with.
enum class CostPrecision { Keep, Fp32, Fp16, Int8, Int4 };

/// The published rule: 4, 2, 1 or ½ bytes a parameter, rounded up. Not for Keep.
uint64_t bytesAtPrecision(CostPrecision precision, uint64_t params);

class CostModel final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.CostModel/1";
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  /// Nodes and payloads that are in no module: masks, positions, constants that all layers use.
  static constexpr llvm::StringLiteral NoModule = "(no module)";
  /// Payloads that no node uses.
  static constexpr llvm::StringLiteral Unused = "(unused)";

  /// In order of their first nodes.
  std::vector<ModuleCost> rows;
  CostPrecision precision = CostPrecision::Keep;
  /// What the costs of a run are about, as the model takes it.
  int64_t batch = 1, sequence = 1, context = 0;
};

} // namespace optrun

#endif // OPTRUN_RESULTS_COSTMODEL_H
