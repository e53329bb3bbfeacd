// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The only user of yaml-cpp: its events become nodes that know where they stand. What yaml-cpp
/// lets pass (duplicate keys, quotes without end, a second document for bad indentation) is refused
/// here, and its messages are put in terms of what to write.

#include "Recipe/YamlReader.h"

#include "Recipe/YamlErrors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

#include <sstream>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace optrun {
namespace {

/// Thrown through yaml-cpp to end the parse after an error that was reported.
struct Stop {};

class NodeBuilder final : public YAML::EventHandler {
public:
  NodeBuilder(llvm::StringRef text, size_t skipped, llvm::StringRef baseFolder,
              Diagnostics &diagnostics)
      : text(text), skipped(skipped), baseFolder(baseFolder), diagnostics(diagnostics) {}

  ConfigNode takeRoot() { return std::move(root); }
  /// True when an error was found that only counts if the syntax is right up to the end.
  bool hasGivenUp() const { return givenUp.has_value(); }
  void reportGivenUp() const { diagnostics.error(givenUp->first, givenUp->second); }
  /// The collection that was open last.
  std::optional<llvm::SMLoc> openCollectionAt() const {
    if (givenUp)
      return givenUp->first;
    return frames.empty() ? std::nullopt : std::optional(frames.back().node.location());
  }

  void OnDocumentStart(const YAML::Mark &mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                const std::string &value) override;
  void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { closeCollection(); }
  void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { closeCollection(); }

private:
  struct Frame {
    ConfigNode node;
    YAML::anchor_t anchor = 0;
    // Of a mapping: the key whose value comes next.
    bool hasKey = false, dropValue = false;
    std::string key;
    llvm::SMRange keyRange;
    llvm::StringMap<llvm::SMLoc> seen;
  };

  size_t offsetOf(const YAML::Mark &mark) const {
    return std::min(skipped + static_cast<size_t>(std::max(mark.pos, 0)), text.size());
  }
  llvm::SMLoc locationAt(size_t offset) const {
    return llvm::SMLoc::getFromPointer(text.data() + offset);
  }
  llvm::SMRange rangeAt(size_t offset, size_t length) const {
    return {locationAt(offset), locationAt(std::min(offset + length, text.size()))};
  }
  bool expectsKey() const {
    return !frames.empty() && frames.back().node.kind == ConfigNode::Kind::Mapping &&
           !frames.back().hasKey;
  }
  [[noreturn]] void stop(llvm::SMLoc location, const llvm::Twine &message) {
    diagnostics.error(location, message);
    throw Stop();
  }

  /// A collection as key is most often a bracket that is not closed: yaml-cpp will say so.
  void giveUp(llvm::SMLoc location, llvm::StringRef message) {
    givenUp = {location, message.str()};
  }

  ConfigNode makeNode(ConfigNode::Kind kind, size_t offset, size_t length);
  void checkTag(const YAML::Mark &mark, const std::string &tag);
  void openCollection(ConfigNode::Kind kind, const YAML::Mark &mark, YAML::anchor_t anchor);
  void closeCollection();
  void setKey(const ConfigNode &node);
  /// Puts a finished node where it belongs.
  void add(ConfigNode node, YAML::anchor_t anchor);
  void count(const ConfigNode &node);
  /// The length of the quoted text at \p offset, quotes included.
  size_t quotedLength(size_t offset);
  size_t offsetOfMissing(size_t offset) const;

  llvm::StringRef text;
  size_t skipped; // a byte order mark, which yaml-cpp does not see
  std::string baseFolder;
  Diagnostics &diagnostics;
  bool hasDocument = false;
  std::optional<std::pair<llvm::SMLoc, std::string>> givenUp; // events mean nothing from then on
  ConfigNode root;
  std::vector<Frame> frames;
  std::vector<std::optional<ConfigNode>> anchored; // by anchor; unset while it is being read
  size_t nodes = 0, bytes = 0;
};

ConfigNode NodeBuilder::makeNode(ConfigNode::Kind kind, size_t offset, size_t length) {
  ConfigNode node;
  node.kind = kind;
  node.range = rangeAt(offset, length);
  node.baseFolder = baseFolder;
  return node;
}

void NodeBuilder::checkTag(const YAML::Mark &mark, const std::string &tag) {
  if (!tag.empty() && tag != "?" && tag != "!")
    diagnostics.error(locationAt(offsetOf(mark)),
                      "tags are not supported here; write the value without '!'");
}

void NodeBuilder::OnDocumentStart(const YAML::Mark &mark) {
  if (hasDocument) {
    size_t offset = offsetOf(mark);
    stop(locationAt(offset), text.substr(offset).starts_with("---")
                                 ? "a second document starts here; a file holds one"
                                 : "this does not go on with what stands above; check the "
                                   "indentation");
  }
  hasDocument = true;
}

size_t NodeBuilder::offsetOfMissing(size_t offset) const {
  // yaml-cpp puts a value that is not there at whatever comes next. Better: at the dash before it.
  size_t dash = text.take_front(offset).rfind('-');
  return dash == llvm::StringRef::npos ? offset : dash;
}

void NodeBuilder::OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) {
  if (givenUp)
    return;
  size_t offset = offsetOf(mark);
  llvm::StringRef rest = text.substr(offset);
  size_t length = 0;
  for (llvm::StringRef spelling : {"~", "null", "Null", "NULL"})
    if (rest.starts_with(spelling))
      length = spelling.size();
  if (expectsKey())
    stop(locationAt(offset), "a key is missing before ':'");
  ConfigNode node = makeNode(ConfigNode::Kind::Null, offset, length);
  if (!frames.empty() && length == 0) {
    Frame &frame = frames.back();
    if (frame.hasKey)
      node.range = frame.keyRange;
    else
      node.range = rangeAt(offsetOfMissing(offset), 1);
  }
  add(std::move(node), anchor);
}

void NodeBuilder::OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) {
  if (givenUp)
    return;
  size_t offset = offsetOf(mark);
  if (anchor >= anchored.size() || !anchored[anchor])
    stop(locationAt(offset), "this alias stands inside what it refers to");
  ConfigNode node = *anchored[anchor];
  count(node);
  node.range = rangeAt(offset, 1);
  if (expectsKey())
    setKey(node);
  else
    add(std::move(node), 0);
}

size_t NodeBuilder::quotedLength(size_t offset) {
  char quote = text[offset];
  for (size_t i = offset + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote && quote == '\'' && i + 1 < text.size() && text[i + 1] == quote)
      ++i;
    else if (text[i] == quote)
      return i + 1 - offset;
  }
  stop(locationAt(offset), "this quoted text is not closed");
}

void NodeBuilder::OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                           const std::string &value) {
  if (givenUp)
    return;
  checkTag(mark, tag);
  size_t offset = offsetOf(mark);
  llvm::StringRef rest = text.substr(offset);
  bool isQuoted = tag == "!";
  size_t length = rest.starts_with(value) ? value.size() : 1;
  if (isQuoted && (rest.starts_with("'") || rest.starts_with("\"")))
    length = quotedLength(offset);
  for (char c : value)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r')
      stop(locationAt(offset), "a text may not hold control characters");
  // yaml-cpp reads "\\_" and "\\N" as Latin-1.
  if (!llvm::json::isUTF8(value))
    stop(locationAt(offset), "the escapes '\\_' and '\\N' are not supported; write '\\u00a0' and "
                             "'\\u0085'");

  ConfigNode node = makeNode(ConfigNode::Kind::Scalar, offset, length);
  node.scalar = value;
  node.quoted = isQuoted;
  if (expectsKey()) {
    if (anchor != 0)
      stop(node.location(), "a key cannot have an anchor");
    count(node);
    setKey(node);
    return;
  }
  add(std::move(node), anchor);
}

void NodeBuilder::OnSequenceStart(const YAML::Mark &mark, const std::string &tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  checkTag(mark, tag);
  openCollection(ConfigNode::Kind::Sequence, mark, anchor);
}

void NodeBuilder::OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  checkTag(mark, tag);
  openCollection(ConfigNode::Kind::Mapping, mark, anchor);
}

void NodeBuilder::openCollection(ConfigNode::Kind kind, const YAML::Mark &mark,
                                 YAML::anchor_t anchor) {
  if (givenUp)
    return;
  size_t offset = offsetOf(mark);
  if (expectsKey()) {
    giveUp(locationAt(offset), "a key must be a text, not a list or mapping");
    return;
  }
  if (frames.size() >= maxYamlDepth)
    stop(locationAt(offset), "nested more than " + llvm::Twine(maxYamlDepth) + " levels deep");
  Frame &frame = frames.emplace_back();
  frame.node = makeNode(kind, offset, 1);
  frame.anchor = anchor;
}

void NodeBuilder::closeCollection() {
  if (givenUp)
    return;
  Frame frame = std::move(frames.back());
  frames.pop_back();
  add(std::move(frame.node), frame.anchor);
}

void NodeBuilder::setKey(const ConfigNode &node) {
  Frame &frame = frames.back();
  if (node.kind != ConfigNode::Kind::Scalar)
    stop(node.location(), "a key must be a text, not a list or mapping");
  frame.hasKey = true;
  frame.key = node.scalar;
  frame.keyRange = node.range;
  frame.dropValue = false;
  if (node.scalar == "<<" && !node.quoted) {
    diagnostics.error(node.location(),
                      "merge keys ('<<') are not supported; write the entries out, or use extends");
    frame.dropValue = true;
    return;
  }
  auto [earlier, isNew] = frame.seen.try_emplace(node.scalar, node.location());
  if (isNew)
    return;
  diagnostics.error(node.location(), "duplicate key '" + node.scalar + "'");
  diagnostics.note(earlier->second, "it stands here already");
  frame.dropValue = true;
}

void NodeBuilder::count(const ConfigNode &node) {
  bytes += node.scalar.size();
  if (++nodes > maxYamlNodes || bytes > 4 * maxYamlBytes)
    stop(node.location(), "too large: more than " + llvm::Twine(maxYamlNodes) +
                              " values, or aliases that make a huge text");
  for (const ConfigNode &item : node.items)
    count(item);
  for (const ConfigEntry &entry : node.entries) {
    bytes += entry.key.size();
    count(entry.value);
  }
}

void NodeBuilder::add(ConfigNode node, YAML::anchor_t anchor) {
  // The parts of a collection were counted when they were added to it.
  bytes += node.scalar.size();
  if (++nodes > maxYamlNodes)
    stop(node.location(), "too large: more than " + llvm::Twine(maxYamlNodes) + " values");
  if (anchor != 0) {
    count(node); // the copy
    if (anchored.size() <= anchor)
      anchored.resize(anchor + 1);
    anchored[anchor] = node;
  }
  if (frames.empty()) {
    root = std::move(node);
    return;
  }
  Frame &frame = frames.back();
  if (frame.node.kind == ConfigNode::Kind::Sequence) {
    frame.node.items.push_back(std::move(node));
    return;
  }
  frame.hasKey = false;
  if (node.kind == ConfigNode::Kind::Null && llvm::StringRef(frame.key).contains(':') &&
      !frame.dropValue && *frame.keyRange.Start.getPointer() != '\'' &&
      *frame.keyRange.Start.getPointer() != '"') {
    diagnostics.error(frame.keyRange.Start,
                      "'" + frame.key + "' is no key with a value; put a blank after the ':'");
    return;
  }
  if (!frame.dropValue)
    frame.node.entries.push_back({std::move(frame.key), frame.keyRange, std::move(node)});
}

} // namespace

std::optional<ConfigNode> readYaml(llvm::StringRef text, llvm::StringRef baseFolder,
                                   Diagnostics &diagnostics) {
  if (text.size() > maxYamlBytes) {
    diagnostics.error(llvm::SMLoc::getFromPointer(text.data()),
                      "larger than " + llvm::Twine(maxYamlBytes >> 20) + " MiB; is this a recipe?");
    return std::nullopt;
  }
  if (!checkCharacters(text, diagnostics))
    return std::nullopt;
  size_t skipped = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::istringstream stream(text.drop_front(skipped).str());
  NodeBuilder builder(text, skipped, baseFolder, diagnostics);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop &) {
    return std::nullopt;
  } catch (const YAML::DeepRecursion &) {
    diagnostics.error(builder.openCollectionAt().value_or(llvm::SMLoc()),
                      "nested more than " + llvm::Twine(maxYamlDepth) + " levels deep");
    return std::nullopt;
  } catch (const YAML::Exception &exception) {
    // Duplicate keys and the like were reported on the way; the syntax error comes on top.
    auto position = static_cast<size_t>(std::max(exception.mark.pos, 0));
    reportSyntaxError(text, std::min(skipped + position, text.size()), exception.msg,
                      builder.openCollectionAt(), diagnostics);
    return std::nullopt;
  }
  if (builder.hasGivenUp()) {
    builder.reportGivenUp();
    return std::nullopt;
  }
  return builder.takeRoot();
}

} // namespace optrun
