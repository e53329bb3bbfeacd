// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Stable topological sorting. Without recursion over nodes: chains of a million nodes are real.

#include "NestedUses.h"

#include "optrun/IR/Graph.h"

#include "llvm/ADT/DenseMap.h"

#include <queue>

namespace optrun::ir {
namespace {

class Sorter {
public:
  explicit Sorter(Graph &graph) : graph(graph) {
    for (Node &node : graph.nodes()) {
      indexOf[&node] = static_cast<unsigned>(nodes.size());
      nodes.push_back(&node);
    }
  }

  llvm::Error run() {
    if (countDependencies())
      return llvm::Error::success();

    // Of all ready nodes the first in file order is next.
    std::priority_queue<unsigned, std::vector<unsigned>, std::greater<>> ready;
    for (unsigned index = 0; index != nodes.size(); ++index)
      if (waitingFor[index] == 0)
        ready.push(index);
    std::vector<unsigned> order;
    order.reserve(nodes.size());
    while (!ready.empty()) {
      unsigned index = ready.top();
      ready.pop();
      order.push_back(index);
      for (unsigned edge = firstEdge[index]; edge != firstEdge[index + 1]; ++edge)
        if (--waitingFor[edges[edge]] == 0)
          ready.push(edges[edge]);
    }
    if (order.size() != nodes.size())
      return cycleError();
    Graph::NodeList &list = graph.nodes();
    for (unsigned index : order)
      list.splice(list.end(), list, nodes[index]->getIterator());
    return llvm::Error::success();
  }

private:
  /// True when the nodes are sorted already, which is the case for nearly every file.
  bool countDependencies() {
    bool sorted = true;
    std::vector<std::pair<unsigned, unsigned>> dependencies; // producer, user
    for (unsigned user = 0; user != nodes.size(); ++user)
      forEachUsedValue(*nodes[user], [&](Value &value) {
        if (&value.graph() != &graph || !value.producer())
          return;
        unsigned producer = indexOf.lookup(value.producer());
        dependencies.emplace_back(producer, user);
        sorted &= producer < user;
      });
    if (sorted)
      return true;
    waitingFor.assign(nodes.size(), 0);
    firstEdge.assign(nodes.size() + 1, 0);
    for (auto [producer, user] : dependencies) {
      ++firstEdge[producer + 1];
      ++waitingFor[user];
    }
    for (size_t index = 0; index != nodes.size(); ++index)
      firstEdge[index + 1] += firstEdge[index];
    edges.resize(dependencies.size());
    std::vector<unsigned> next(firstEdge.begin(), firstEdge.end() - 1);
    for (auto [producer, user] : dependencies)
      edges[next[producer]++] = user;
    return false;
  }

  /// Nodes that wait are on a cycle or behind one: walking backwards from any of them over waiting
  /// producers comes to the cycle.
  llvm::Error cycleError() const {
    unsigned current = 0;
    while (waitingFor[current] == 0)
      ++current;
    std::vector<bool> visited(nodes.size());
    while (!visited[current]) {
      visited[current] = true;
      forEachUsedValue(*nodes[current], [&](Value &value) {
        if (&value.graph() != &graph || !value.producer())
          return;
        unsigned producer = indexOf.lookup(value.producer());
        if (waitingFor[producer] != 0)
          current = producer;
      });
    }
    const Node &node = *nodes[current];
    return llvm::createStringError(std::errc::invalid_argument, "graph '%s' has a cycle through %s",
                                   graph.name.c_str(), describe(node).c_str());
  }

  Graph &graph;
  std::vector<Node *> nodes;
  llvm::DenseMap<const Node *, unsigned> indexOf;
  std::vector<unsigned> waitingFor, firstEdge, edges;
};

} // namespace

llvm::Error Graph::sortTopologically() {
  if (llvm::Error error = checkDepth(*this))
    return error;
  for (Node &node : nodeList) {
    llvm::Error nested = llvm::Error::success();
    node.forEachSubgraph([&](Graph &graph) {
      if (!nested)
        nested = graph.sortTopologically();
    });
    if (nested)
      return nested;
  }
  return Sorter(*this).run();
}

} // namespace optrun::ir
