// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The frequencies of rotary positions. Powers are taken in 32 bits, as models are trained: at
/// position 100,000 the rounding of a frequency shows.

#include "decoder/RotaryConfig.h"

#include "llvm/ADT/Twine.h"

#include <cmath>
#include <numbers>

namespace optrun::decoder {
namespace {

/// theta ^ (-2i / D) (Su et al., RoFormer, 2021, section 3.2.2).
std::vector<float> plainFrequencies(double theta, int64_t headSize) {
  std::vector<float> frequencies;
  for (int64_t i = 0; i < headSize; i += 2)
    frequencies.push_back(1.0f / std::pow(static_cast<float>(theta),
                                          static_cast<float>(i) / static_cast<float>(headSize)));
  return frequencies;
}

/// Each frequency divided by a factor of its own.
std::vector<float> stretched(std::vector<float> frequencies, const std::vector<double> &factors) {
  for (size_t i = 0; i < frequencies.size(); ++i)
    frequencies[i] /= static_cast<float>(factors[i]);
  return frequencies;
}

/// Llama 3.1: long waves are stretched, short ones are kept, those between are mixed.
void scaleAsLlama3(ModelConfig &scaling, std::vector<float> &frequencies) {
  const double factor = scaling.positive("factor"), low = scaling.positive("low_freq_factor"),
               high = scaling.positive("high_freq_factor");
  const auto original = static_cast<double>(
      scaling.extent("original_max_position_embeddings", ModelConfig::MaxPositions));
  if (high <= low) {
    scaling.reject("high_freq_factor", "must be above low_freq_factor");
    return;
  }
  for (float &frequency : frequencies) {
    const double waves = original * frequency / (2 * std::numbers::pi); // in the original context
    if (waves > high)
      continue;
    const double kept = waves < low ? 0 : (waves - low) / (high - low);
    frequency = static_cast<float>((1 - kept) * frequency / factor + kept * frequency);
  }
}

/// Phi-3 (Ding et al., LongRoPE, 2024): factors for each frequency, others beyond the original
/// context.
void scaleAsLongRope(ModelConfig &config, ModelConfig &scaling, RotaryDescription &rotary) {
  const std::vector<float> plain = rotary.frequencies;
  rotary.frequencies = stretched(plain, scaling.positives("short_factor", plain.size()));
  rotary.longFrequencies = stretched(plain, scaling.positives("long_factor", plain.size()));

  constexpr llvm::StringLiteral Original = "original_max_position_embeddings";
  ModelConfig &holder = config.has(Original) ? config : scaling; // as in the reference
  rotary.originalPositions = holder.extent(Original, ModelConfig::MaxPositions);
  if (rotary.originalPositions < 2) // its logarithm divides
    holder.reject(Original, "is less than 2");
  const auto original = static_cast<double>(rotary.originalPositions);
  const auto context =
      static_cast<double>(config.extent("max_position_embeddings", ModelConfig::MaxPositions));
  const double factor = scaling.positive("factor", context / original);
  const double growth =
      factor > 1 && original > 1 ? std::sqrt(1 + std::log(factor) / std::log(original)) : 1;
  rotary.factor = static_cast<float>(scaling.positive("attention_factor", growth));
}

/// The kind of scaling; without one, nothing may be there that only makes sense with it.
std::string readType(ModelConfig &scaling, llvm::StringRef key) {
  const std::string type = scaling.text(key);
  if (type.empty() && scaling.has("factor"))
    scaling.reject(key, "is missing, though there is a factor");
  for (llvm::StringRef kind : {"full_attention", "sliding_attention"})
    scaling.expect(kind, false); // one set for all layers is what a graph has
  return type;
}

} // namespace

RotaryDescription readRotary(ModelConfig &config, int64_t headSize) {
  if (headSize % 2 != 0 && !config.hasProblems()) // else it may be a stand-in
    config.reject(config.has("head_dim") ? "head_dim" : "hidden_size",
                  "gives heads of " + llvm::Twine(headSize) +
                      " elements; rotary positions need pairs");
  std::optional<ModelConfig> parameters = config.object("rope_parameters");
  // Where both are there, the older spelling counts, as it does in the reference.
  std::optional<ModelConfig> scaling = config.object("rope_scaling");
  double theta = 10000;
  for (ModelConfig *place :
       {&config, parameters ? &*parameters : nullptr, scaling ? &*scaling : nullptr})
    if (place) {
      theta = place->positive("rope_theta", theta);
      place->expect("partial_rotary_factor", place->positive("partial_rotary_factor", 1) == 1);
    }
  if (!scaling)
    scaling = std::move(parameters);

  RotaryDescription rotary;
  rotary.frequencies = plainFrequencies(theta, headSize);
  if (!scaling)
    return rotary;
  const llvm::StringRef key =
      scaling->has("rope_type") || !scaling->has("type") ? "rope_type" : "type";
  const std::string type = readType(*scaling, key);
  if (type == "linear")
    rotary.frequencies = stretched(
        rotary.frequencies, std::vector(rotary.frequencies.size(), scaling->positive("factor")));
  else if (type == "llama3")
    scaleAsLlama3(*scaling, rotary.frequencies);
  else if (type == "longrope" || type == "su" || (type == "yarn" && scaling->has("short_factor")))
    scaleAsLongRope(config, *scaling, rotary);
  else if (!type.empty() && type != "default")
    scaling->rejectValue(key, "supported are default, linear, llama3 and longrope");
  return rotary;
}

} // namespace optrun::decoder
