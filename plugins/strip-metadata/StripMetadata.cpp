// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The pass strip-metadata: removes what exporters leave behind in a model.

#include "optrun/Plugin/Plugin.h"

#include "llvm/ADT/STLExtras.h"

using namespace optrun;

namespace {

struct StripMetadataOptions {
  std::vector<std::string> keep;
  bool docStrings = true;

  static void bind(OptionBinder<StripMetadataOptions> &bind) {
    bind.option("keep", &StripMetadataOptions::keep,
                "Metadata to keep, by key. A key that ends with * stands for all that begin so.");
    bind.option("doc-strings", &StripMetadataOptions::docStrings,
                "Remove documentation strings too.");
  }
};

/// Strips one component and counts what went.
class Stripper {
public:
  explicit Stripper(const StripMetadataOptions &options) : options(options) {}

  void strip(ir::Component &component) {
    strip(component.metadata, component.docString);
    strip(component.graph);
    for (const auto &function : component.functions) {
      strip(function->metadata, function->docString);
      strip(function->body);
    }
  }

  int64_t entries = 0;
  int64_t docStrings = 0;

private:
  void strip(ir::Graph &graph) {
    strip(graph.metadata, graph.docString);
    for (const auto &value : graph.values())
      strip(value->metadata, value->docString);
    for (ir::Node &node : graph.nodes()) {
      strip(node.metadata, node.docString);
      node.forEachSubgraph([&](ir::Graph &nested) { strip(nested); });
    }
  }

  void strip(ir::Metadata &metadata, std::string &docString) {
    const size_t before = metadata.size();
    llvm::erase_if(metadata, [&](const auto &entry) { return !isKept(entry.first); });
    entries += static_cast<int64_t>(before - metadata.size());
    if (options.docStrings && !docString.empty()) {
      docString.clear();
      ++docStrings;
    }
  }

  bool isKept(llvm::StringRef key) const {
    return llvm::any_of(options.keep, [&](llvm::StringRef pattern) {
      return pattern.consume_back("*") ? key.starts_with(pattern) : key == pattern;
    });
  }

  const StripMetadataOptions &options;
};

/// Components are independent of each other, so this is a ComponentPass: they are stripped in
/// parallel.
class StripMetadata final : public ComponentPass {
public:
  using Options = StripMetadataOptions;

  static PassInfo info() {
    return {
        .id = "strip-metadata",
        .summary = "Removes metadata and documentation strings from a model.",
        .description =
            "Exporters leave stack traces, source paths and class names in `metadata_props` and "
            "`doc_string`. Removes both from the model, its graphs, nodes, values and functions. "
            "The module path of each node stays known to the passes that follow; after export, "
            "other tools find it in the node's name only, or in metadata that `keep` names."};
  }

  explicit StripMetadata(Options options) : options(std::move(options)) {}

  llvm::Error run(ir::Component &component, PassContext &context) override {
    Stripper stripper(options);
    stripper.strip(component);
    context.statistic("metadata entries removed", stripper.entries);
    context.statistic("documentation strings removed", stripper.docStrings);
    return llvm::Error::success();
  }

private:
  Options options;
};

} // namespace

OPTRUN_PLUGIN("strip-metadata", "1.0.0", StripMetadata);
