// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Inputs that the user gives: folders of tensors, as ONNX's own test data has them.

#ifndef OPTRUN_PASSES_VERIFY_INPUTFILES_H
#define OPTRUN_PASSES_VERIFY_INPUTFILES_H

#include "InputGenerator.h"

namespace optrun::verify {

/// Reads the set in \p folder (input_0.pb, input_1.pb … for \p names in this order), or the sets in
/// its subfolders in order of their names (test_data_set_0, test_data_set_1, …; numbers by value).
/// An error when there is none, or a set has fewer or more tensors than there are names.
llvm::Expected<std::vector<InputSet>> readInputs(llvm::StringRef folder,
                                                 llvm::ArrayRef<std::string> names);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_INPUTFILES_H
