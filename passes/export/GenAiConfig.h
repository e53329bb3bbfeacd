// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What ONNX Runtime GenAI wants to know of a model to generate text with it.

#ifndef OPTRUN_PASSES_EXPORT_GENAICONFIG_H
#define OPTRUN_PASSES_EXPORT_GENAICONFIG_H

#include "optrun/Results/LanguageModel.h"

namespace optrun::exporting {

inline constexpr llvm::StringLiteral GenAiConfigName = "genai_config.json";

/// genai_config.json for components in \p files, one name for each: a decoder of one component, or
/// a pipeline of several, run in order, values passed by name. An error when GenAI could not run
/// them: inputs that it does not know, no keys and values of earlier tokens, no logits, no token
/// that ends a text.
llvm::Expected<std::string>
printGenAiConfig(const LanguageModel &model,
                 llvm::ArrayRef<std::unique_ptr<ir::Component>> components,
                 llvm::ArrayRef<std::string> files);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_GENAICONFIG_H
