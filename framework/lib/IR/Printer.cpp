// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The text form of components, graphs and nodes.

#include "optrun/IR/Printer.h"

#include "TensorPrinter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

namespace optrun::ir {
namespace {

class Printer {
public:
  explicit Printer(llvm::raw_ostream &os) : os(os) {}

  void printComponent(const Component &component) {
    os << "<\n  ir_version: " << component.irVersion << ",\n  opset_import: ";
    printOpsets(component.opsets);
    printField("producer_name", component.producerName);
    printField("producer_version", component.producerVersion);
    printField("domain", component.domain);
    if (component.modelVersion != 0)
      os << ",\n  model_version: " << component.modelVersion;
    printField("doc_string", component.docString);
    if (!component.metadata.empty()) {
      os << ",\n  metadata_props: ";
      printMetadata(component.metadata);
    }
    os << "\n>\n";
    printGraph(component.graph);
    for (const std::unique_ptr<Function> &function : component.functions)
      printFunction(*function);
  }

  void printGraph(const Graph &graph) {
    printName(graph.name.empty() ? llvm::StringRef("graph") : llvm::StringRef(graph.name));
    os << ' ';
    printSignatureAndBody(graph);
    os << '\n';
  }

private:
  void printSignatureAndBody(const Graph &graph) {
    os << '(';
    llvm::interleaveComma(graph.inputs(), os, [&](const Value *value) { printTyped(*value); });
    os << ") => (";
    llvm::interleaveComma(graph.outputs(), os, [&](const Value *value) { printTyped(*value); });
    os << ")\n";
    printInitializers(graph);
    printBody(graph);
  }

  void printFunction(const Function &function) {
    os << "<\n  domain: ";
    printQuoted(function.domain);
    if (!function.overload.empty()) {
      os << ",\n  overload: ";
      printQuoted(function.overload);
    }
    os << ",\n  opset_import: ";
    printOpsets(function.opsets);
    os << "\n>\n";
    printName(function.name);
    if (!function.attributes.empty() || !function.attributesWithDefaults.empty()) {
      os << " <";
      llvm::ListSeparator separator;
      for (const std::string &attribute : function.attributes)
        os << separator << attribute;
      for (const Attribute &attribute : function.attributesWithDefaults) {
        os << separator;
        printAttribute(attribute);
      }
      os << '>';
    }
    os << ' ';
    printSignatureAndBody(function.body);
    os << '\n';
  }

  void printInitializers(const Graph &graph) {
    if (graph.initializers().empty())
      return;
    indent();
    os << "<\n";
    level += 2;
    llvm::interleave(
        graph.initializers(),
        [&](const Value *value) {
          indent();
          if (const TensorRef &tensor = value->tensor()) {
            printTensorType(*tensor, os);
            os << ' ';
            printName(value->name());
            os << " = ";
            printTensorData(*tensor, os);
          } else {
            printTyped(*value);
            os << " = ";
            printSparse(*value->sparseTensor());
          }
        },
        [&] { os << ",\n"; });
    level -= 2;
    os << '\n';
    indent();
    os << ">\n";
  }

  void printBody(const Graph &graph) {
    indent();
    os << "{\n";
    level += 2;
    for (const Node &node : graph.nodes())
      printNode(node);
    level -= 2;
    indent();
    os << '}';
  }

  void printNode(const Node &node) {
    indent();
    if (!node.name.empty()) {
      os << '[';
      printQuoted(node.name);
      os << "] ";
    }
    llvm::interleaveComma(node.outputs(), os, [&](const Value *value) { printOperand(value); });
    os << " = ";
    if (!node.domain().empty())
      os << node.domain() << '.';
    os << node.opType();
    if (!node.overload().empty())
      os << ':' << node.overload();
    if (!node.attributes().empty()) {
      os << " <";
      llvm::interleaveComma(node.attributes(), os,
                            [&](const Attribute &attribute) { printAttribute(attribute); });
      os << '>';
    }
    os << " (";
    llvm::interleaveComma(node.inputs(), os, [&](const Use &use) { printOperand(use.value()); });
    os << ')';
    printRemark(node);
    os << '\n';
  }

  /// What ONNX's syntax has no place for: result types and the module.
  void printRemark(const Node &node) {
    bool typed = llvm::any_of(node.outputs(), [](const Value *value) {
      return value && value->type().kind() != Type::Kind::Unknown;
    });
    if (!typed && node.modulePath.empty())
      return;
    os << "  # ";
    if (typed)
      llvm::interleaveComma(node.outputs(), os, [&](const Value *value) {
        if (value)
          value->type().print(os);
      });
    if (!node.modulePath.empty())
      os << (typed ? " @ " : "@ ") << node.modulePath;
  }

  void printAttribute(const Attribute &attribute) {
    printName(attribute.name);
    if (const auto *reference = std::get_if<AttributeReference>(&attribute.value)) {
      os << " = @" << reference->functionAttribute;
      return;
    }
    os << " = ";
    std::visit([&](const auto &value) { printAttributeValue(value); }, attribute.value);
  }

  void printAttributeValue(std::monostate) { os << "none"; }
  void printAttributeValue(const AttributeReference &) {}
  void printAttributeValue(float value) { printNumber(value, os); }
  void printAttributeValue(int64_t value) { os << value; }
  void printAttributeValue(const std::string &value) { printQuoted(value); }
  void printAttributeValue(const Type &value) { value.print(os); }
  void printAttributeValue(const SparseTensor &value) { printSparse(value); }
  void printAttributeValue(const TensorRef &value) {
    if (!value) {
      os << "none";
      return;
    }
    printTensorType(*value, os);
    os << ' ';
    printTensorData(*value, os);
  }
  void printAttributeValue(const std::unique_ptr<Graph> &graph) {
    if (!graph) {
      os << "none";
      return;
    }
    level += 2;
    printName(graph->name.empty() ? llvm::StringRef("graph") : llvm::StringRef(graph->name));
    os << ' ';
    printSignatureAndBody(*graph);
    level -= 2;
  }
  template <typename T> void printAttributeValue(const std::vector<T> &list) {
    os << '[';
    llvm::interleaveComma(list, os, [&](const T &element) { printAttributeValue(element); });
    os << ']';
  }

  void printSparse(const SparseTensor &sparse) {
    os << "sparse(values ";
    printAttributeValue(sparse.values);
    os << ", indices ";
    printAttributeValue(sparse.indices);
    os << ", dims [";
    llvm::interleave(sparse.dims, os, ",");
    os << "])";
  }

  void printOperand(const Value *value) {
    if (value)
      printName(value->name());
    else
      os << "\"\"";
  }

  void printTyped(const Value &value) {
    if (value.type().kind() != Type::Kind::Unknown) {
      value.type().print(os);
      os << ' ';
    }
    printName(value.name());
  }

  void printOpsets(llvm::ArrayRef<OpsetImport> opsets) {
    os << '[';
    llvm::interleaveComma(opsets, os, [&](const OpsetImport &opset) {
      printQuoted(opset.domain);
      os << " : " << opset.version;
    });
    os << ']';
  }

  void printMetadata(const Metadata &metadata) {
    os << '[';
    llvm::interleaveComma(metadata, os, [&](const auto &entry) {
      printQuoted(entry.first);
      os << " : ";
      printQuoted(entry.second);
    });
    os << ']';
  }

  void printField(llvm::StringRef name, llvm::StringRef value) {
    if (value.empty())
      return;
    os << ",\n  " << name << ": ";
    printQuoted(value);
  }

  void printQuoted(llvm::StringRef text) {
    os << '"';
    llvm::printEscapedString(text, os);
    os << '"';
  }

  /// Names as they come from exporters read best bare; anything unusual is quoted.
  void printName(llvm::StringRef name) {
    bool plain = !name.empty() && llvm::all_of(name, [](char c) {
      return llvm::isAlnum(c) || llvm::StringRef("_./:-").contains(c);
    });
    if (plain)
      os << name;
    else
      printQuoted(name);
  }

  void indent() { os.indent(level); }

  llvm::raw_ostream &os;
  unsigned level = 0;
};

} // namespace

void print(const Graph &graph, llvm::raw_ostream &os) { Printer(os).printGraph(graph); }

void print(const Component &component, llvm::raw_ostream &os) {
  os << "# component " << (component.name.empty() ? "(unnamed)" : component.name) << '\n';
  Printer(os).printComponent(component);
}

void print(const Package &package, llvm::raw_ostream &os) {
  // File names only: dumps of two machines should be comparable.
  for (const InputFile &source : package.sources)
    os << "# source " << llvm::sys::path::filename(source.path) << '\n';
  for (const std::unique_ptr<Component> &component : package.components)
    print(*component, os);
  for (const auto &[id, attachment] : package.attachments.all()) {
    os << "# attachment " << id << '\n';
    std::string text;
    llvm::raw_string_ostream stream(text);
    attachment->print(stream);
    llvm::SmallVector<llvm::StringRef, 16> lines;
    llvm::StringRef(text).rtrim('\n').split(lines, '\n');
    for (llvm::StringRef line : lines)
      os << "#   " << line << '\n';
  }
}

} // namespace optrun::ir
