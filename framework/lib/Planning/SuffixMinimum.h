// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A sequence whose suffixes are raised and whose minimum is asked for.

#ifndef OPTRUN_LIB_PLANNING_SUFFIXMINIMUM_H
#define OPTRUN_LIB_PLANNING_SUFFIXMINIMUM_H

#include "CostLimit.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace optrun::planning {

/// A segment tree whose additions stay at the nodes they cover. All operations take logarithmic
/// time. Places hold nothing until they are set.
///
/// For numbers below CostLimit, raised or lowered by less than that in all: what holds nothing
/// stays above them.
template <typename Number> class SuffixMinimum {
public:
  explicit SuffixMinimum(uint32_t places) {
    while (leaves < places)
      leaves *= 2;
    nodes.assign(2 * leaves, {nothing(), 0});
  }

  /// Adds \p amount to all from \p place on, and to those that are set later.
  void addFrom(uint32_t place, Number amount) {
    added += amount;
    size_t node = leaves + place;
    nodes[node].raise(amount);
    for (; node > 1; node /= 2) {
      if (node % 2 == 0)
        nodes[node + 1].raise(amount);
      update(node / 2);
    }
  }

  /// Sets \p place, behind all that are set, to \p number as of now.
  void append(uint32_t place, Number number) {
    // Every addition so far covers this place: some at the leaf, the others at nodes above it.
    put(place, number - added + nodes[leaves + place].pending);
  }

  void erase(uint32_t place) { put(place, nothing()); }

  /// Above CostLimit if nothing is set.
  Number minimum() const { return nodes[1].least; }
  /// The first place with the minimum.
  uint32_t firstMinimum() const {
    size_t node = 1;
    while (node < leaves)
      node = 2 * node + (nodes[2 * node].least <= nodes[2 * node + 1].least ? 0 : 1);
    return static_cast<uint32_t>(node - leaves);
  }

private:
  struct Node {
    Number least;   // from here down, without what was added above
    Number pending; // what was added here
    void raise(Number amount) {
      least += amount;
      pending += amount;
    }
  };

  /// Twice the limit, so that it stays above when it is lowered, and can be raised by it.
  static constexpr Number nothing() { return Number(1) << (8 * sizeof(Number) - 2); }

  void put(uint32_t place, Number number) {
    size_t node = leaves + place;
    nodes[node].least = number;
    while (node > 1)
      update(node /= 2);
  }
  void update(size_t node) {
    nodes[node].least =
        std::min(nodes[2 * node].least, nodes[2 * node + 1].least) + nodes[node].pending;
  }

  size_t leaves = 1;
  std::vector<Node> nodes;
  Number added = 0;
};

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_SUFFIXMINIMUM_H
