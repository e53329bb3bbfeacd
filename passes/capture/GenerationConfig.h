// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which tokens begin and end texts, and how tokens are to be chosen.

#ifndef OPTRUN_PASSES_CAPTURE_GENERATIONCONFIG_H
#define OPTRUN_PASSES_CAPTURE_GENERATIONCONFIG_H

#include "decoder/ModelConfig.h"

#include "optrun/Results/LanguageModel.h"

namespace optrun {

/// Fills in the tokens and the sampling of \p model from config.json and the text of
/// generation_config.json, whose tokens count first; it may be empty. An error names the file and
/// the key.
llvm::Error readGeneration(decoder::ModelConfig &config, llvm::StringRef generationConfigJson,
                           LanguageModel &model);

} // namespace optrun

#endif // OPTRUN_PASSES_CAPTURE_GENERATIONCONFIG_H
