// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tiny checkpoints of every family, the graphs that are built from them, and what the reference
/// implementation computes (golden.safetensors).

#ifndef OPTRUN_UNITTESTS_PASSES_CAPTURE_DECODERFIXTURE_H
#define OPTRUN_UNITTESTS_PASSES_CAPTURE_DECODERFIXTURE_H

#include "decoder/Decoder.h"
#include "decoder/ModelConfig.h"

#include "optrun/Checkpoint/SafeTensors.h"
#include "optrun/Runtime/Session.h"

#include <map>

namespace optrun::test {

/// The folders of fixtures/checkpoints.
inline constexpr const char *Families[] = {"gemma2",  "gpt2", "llama",        "llama3-tied",
                                           "mistral", "opt",  "opt-postnorm", "phi3",
                                           "qwen2",   "qwen3"};

struct DecoderCheckpoint {
  std::string config; // the text of config.json
  std::vector<ir::TensorRef> tensors;
};
DecoderCheckpoint readCheckpoint(const std::string &family);

/// The graph of a checkpoint, types inferred.
std::unique_ptr<ir::Component> build(const DecoderCheckpoint &checkpoint,
                                     const decoder::DecoderOptions &options = {});

/// What the reference implementation was given and computed, by name.
class Golden {
public:
  /// \p path below the fixtures.
  explicit Golden(const std::string &path);

  std::vector<float> floats(const std::string &name) const;
  std::vector<int64_t> integers(const std::string &name) const;
  ir::Tensor::Dims dims(const std::string &name) const;

private:
  checkpoint::SafeTensorsFile file;
};

/// A graph in ONNX Runtime, and the keys and values that its last run left.
class DecoderRun {
public:
  explicit DecoderRun(const ir::Component &component);

  /// Runs on \p ids [batch, sequence] and returns the logits, as 32 bits. \p mask covers the tokens
  /// of earlier runs, too, when there is a cache.
  std::vector<float> run(const std::vector<int64_t> &ids, const std::vector<int64_t> &mask,
                         const std::vector<int64_t> &positions, int64_t batch);

  /// Past keys and values of the next run; empty ones before the first.
  std::map<std::string, runtime::RuntimeValue> cache;

private:
  std::unique_ptr<runtime::Session> session;
};

/// How far logits are from the reference.
struct Difference {
  float largest = 0;
  float relative = 0; // root mean square of the differences, to that of the reference
};
/// Of the tokens whose mask is 1. \p mask ends with theirs.
Difference compare(const std::vector<float> &expected, const std::vector<float> &actual,
                   const std::vector<int64_t> &mask, int64_t batch, int64_t sequence);

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_PASSES_CAPTURE_DECODERFIXTURE_H
