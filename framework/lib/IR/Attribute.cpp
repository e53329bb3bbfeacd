// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Attributes of nodes. The members that destroy a Graph live here, where Graph is complete.

#include "optrun/IR/Attribute.h"

#include "optrun/IR/Graph.h"

namespace optrun::ir {

Attribute::Attribute(std::string name, Value value)
    : name(std::move(name)), value(std::move(value)) {}
Attribute::Attribute(Attribute &&) noexcept = default;
Attribute &Attribute::operator=(Attribute &&) noexcept = default;
Attribute::~Attribute() = default;

} // namespace optrun::ir
