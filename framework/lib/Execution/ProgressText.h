// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Progress in words: how much is done, how fast, how long it will take.

#ifndef OPTRUN_LIB_EXECUTION_PROGRESSTEXT_H
#define OPTRUN_LIB_EXECUTION_PROGRESSTEXT_H

#include "optrun/Execution/RunObserver.h"

#include <string>

namespace optrun {

/// "export: writing 45 % (1.2 GB of 2.7 GB, 850 MB/s, 2 s left)"
std::string progressLine(const RunObserver::ProgressState &state);

/// The same with a bar, fitted to \p width columns.
std::string progressBar(const RunObserver::ProgressState &state, unsigned width);

/// "45 s", "3 min 20 s", "2 h 5 min"
std::string formatDuration(double seconds);

} // namespace optrun

#endif // OPTRUN_LIB_EXECUTION_PROGRESSTEXT_H
