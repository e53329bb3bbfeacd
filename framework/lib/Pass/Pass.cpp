// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Key functions of the classes that passes derive from or are given: their type information lives
/// here, once in a process.

#include "optrun/Pass/Pass.h"

#include "optrun/Pass/PassContext.h"

using namespace optrun;

Pass::~Pass() = default;
void Pass::check(CheckContext &) {}
CheckContext::~CheckContext() = default;
PassContext::~PassContext() = default;
