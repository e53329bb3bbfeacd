// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Checked access to GGUF metadata.

#include "GgufHyperparameters.h"

#include "Messages.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace optrun::checkpoint {

constexpr uint64_t MaxCount = uint64_t(1) << 31;

void GgufHyperparameters::fail(const llvm::Twine &message) {
  if (problem.empty())
    problem = message.str();
}

llvm::Error GgufHyperparameters::takeError() {
  return problem.empty() ? llvm::Error::success() : makeError(problem);
}

std::optional<uint64_t> GgufHyperparameters::integer(const std::string &key, uint64_t least) {
  const GgufValue *value = file.find(key);
  if (!value)
    return std::nullopt;
  const auto *isUnsigned = std::get_if<uint64_t>(value);
  const auto *isSigned = std::get_if<int64_t>(value);
  uint64_t number = isUnsigned                   ? *isUnsigned
                    : isSigned && *isSigned >= 0 ? static_cast<uint64_t>(*isSigned)
                                                 : UINT64_MAX;
  if (number >= least && number <= MaxCount)
    return number;
  if (std::holds_alternative<GgufArray>(*value))
    fail("key '" + key + "' has a number for each layer; only models of equal layers are read");
  else
    fail("key '" + key + "' must be an integer from " + llvm::Twine(least) + " to " +
         llvm::Twine(MaxCount));
  return 0;
}

std::optional<uint64_t> GgufHyperparameters::optionalCount(llvm::StringRef key, uint64_t least) {
  return integer(prefix + key.str(), least);
}

void GgufHyperparameters::expect(llvm::StringRef key, llvm::ArrayRef<double> harmless) {
  const GgufValue *value = file.find(prefix + key.str());
  if (!value)
    return;
  const auto isHarmless = [&](const auto &element) {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(element)>>)
      return llvm::is_contained(harmless, static_cast<double>(element));
    else
      return false;
  };
  if (!std::visit(isHarmless, *value))
    fail("key '" + prefix + key + "' asks for what is not supported");
}

std::optional<uint64_t> GgufHyperparameters::tokenId(llvm::StringRef key) {
  return integer(key.str(), 0);
}

uint64_t GgufHyperparameters::count(llvm::StringRef key) {
  std::optional<uint64_t> number = optionalCount(key);
  if (!number)
    fail("the key '" + prefix + key + "' is missing");
  return number.value_or(0);
}

std::optional<double> GgufHyperparameters::optionalReal(llvm::StringRef key) {
  const GgufValue *value = file.find(prefix + key.str());
  if (!value)
    return std::nullopt;
  const auto *number = std::get_if<double>(value);
  if (number && std::isfinite(*number))
    return *number;
  fail("key '" + prefix + key + "' must be a finite floating-point number");
  return 0;
}

double GgufHyperparameters::real(llvm::StringRef key) {
  std::optional<double> number = optionalReal(key);
  if (!number)
    fail("the key '" + prefix + key + "' is missing");
  return number.value_or(0);
}

std::optional<std::string> GgufHyperparameters::optionalText(llvm::StringRef key) {
  const GgufValue *value = file.find(prefix + key.str());
  if (!value)
    return std::nullopt;
  if (const auto *text = std::get_if<std::string>(value))
    return *text;
  fail("key '" + prefix + key + "' must be a string");
  return "";
}

} // namespace optrun::checkpoint
