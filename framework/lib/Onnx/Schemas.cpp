// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Looks operators up in the ONNX library's registry.

#include "optrun/Onnx/Schemas.h"

#include "ProtoSupport.h"

#include <limits>
#include <onnx/defs/schema.h>

namespace optrun::onnx {

std::optional<int64_t> sinceVersion(llvm::StringRef domain, llvm::StringRef opType, int64_t opset) {
  if (opset < 1 || opset > std::numeric_limits<int>::max())
    return std::nullopt;
  const std::string registered = domain == "ai.onnx" ? "" : domain.str();
  const proto::OpSchema *schema =
      proto::OpSchemaRegistry::Schema(opType.str(), static_cast<int>(opset), registered);
  if (!schema)
    return std::nullopt;
  return schema->SinceVersion();
}

int64_t newestOpset() {
  return proto::OpSchemaRegistry::DomainToVersionRange::Instance().Map().at("").second;
}

int64_t irVersionOfOpset(int64_t opset) {
  struct Release {
    int64_t opset, irVersion;
  };
  // The first opset of each IR version.
  constexpr Release Releases[] = {{28, 14}, {25, 13}, {24, 12}, {23, 11}, {21, 10}, {19, 9},
                                  {15, 8},  {12, 7},  {11, 6},  {10, 5},  {9, 4}};
  for (const Release &release : Releases)
    if (opset >= release.opset)
      return release.irVersion;
  return 3;
}

} // namespace optrun::onnx
