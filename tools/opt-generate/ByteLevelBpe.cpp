// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Merging of byte pairs.

#include "ByteLevelBpe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ConvertUTF.h"

#include <array>

using namespace llvm;

namespace optrun::generate {
namespace {

using checkpoint::GgufArray;
using checkpoint::GgufFile;

/// The value of a key, null when it is missing or of another type.
template <typename T> const T *get(const GgufFile &file, StringRef key) {
  const checkpoint::GgufValue *value = file.find(key);
  return value ? std::get_if<T>(value) : nullptr;
}

Expected<std::vector<std::string>> stringsAt(const GgufFile &file, StringRef key) {
  const auto *array = get<GgufArray>(file, key);
  if (!array)
    return createStringError("it has no " + key);
  return file.strings(*array);
}

/// GPT-2's characters for bytes: printable ones of Latin-1 stand for themselves, the others are
/// those from U+0100 on, in order.
std::array<std::string, 256> makeByteCharacters() {
  std::array<std::string, 256> characters;
  unsigned next = 0x100;
  for (unsigned byte = 0; byte != characters.size(); ++byte) {
    const bool isItself = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) ||
                          (byte >= 0xAE && byte <= 0xFF);
    char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT], *end = buffer;
    ConvertCodePointToUTF8(isItself ? byte : next++, end);
    characters[byte].assign(buffer, end);
  }
  return characters;
}

const std::array<std::string, 256> &byteCharacters() {
  static const std::array<std::string, 256> characters = makeByteCharacters();
  return characters;
}

const StringMap<char> &characterBytes() {
  static const StringMap<char> bytes = [] {
    StringMap<char> result;
    for (const auto &[byte, character] : enumerate(byteCharacters()))
      result[character] = static_cast<char>(byte);
    return result;
  }();
  return bytes;
}

} // namespace

Expected<ByteLevelBpe> ByteLevelBpe::read(const GgufFile &file) {
  ByteLevelBpe result;
  auto inFile = [&](Error error) {
    return createStringError("the vocabulary of '" + file.file()->path() +
                             "': " + toString(std::move(error)));
  };
  if (Error error = result.readKind(file))
    return inFile(std::move(error));
  if (Error error = result.readVocabulary(file))
    return inFile(std::move(error));
  if (Error error = result.readControlTokens(file))
    return inFile(std::move(error));
  return result;
}

Error ByteLevelBpe::readKind(const GgufFile &file) {
  const auto *model = get<std::string>(file, "tokenizer.ggml.model");
  if (!model || *model != "gpt2")
    return createStringError("it is no byte-level BPE (tokenizer.ggml.model: gpt2)");
  // Others divide text in other places, and their models would be given unusual tokens.
  const auto *division = get<std::string>(file, "tokenizer.ggml.pre");
  if (!division || (*division != "gpt-2" && *division != "smollm"))
    return createStringError("its way to divide text (tokenizer.ggml.pre) is neither gpt-2 nor "
                             "smollm");
  digits = *division == "smollm" ? Digits::Single : Digits::Together;
  return Error::success();
}

Error ByteLevelBpe::readVocabulary(const GgufFile &file) {
  if (Error error = stringsAt(file, "tokenizer.ggml.tokens").moveInto(tokens))
    return error;
  for (const auto &[id, token] : enumerate(tokens))
    ids.try_emplace(token, static_cast<int64_t>(id));
  Expected<std::vector<std::string>> merges = stringsAt(file, "tokenizer.ggml.merges");
  if (!merges)
    return merges.takeError();
  for (const auto &[rank, merge] : enumerate(*merges))
    ranks.try_emplace(merge, rank);
  return Error::success();
}

Error ByteLevelBpe::readControlTokens(const GgufFile &file) {
  constexpr double Control = 3;
  isControl.resize(tokens.size());
  if (const auto *types = get<GgufArray>(file, "tokenizer.ggml.token_type")) {
    Expected<std::vector<double>> numbers = file.numbers(*types);
    if (!numbers)
      return numbers.takeError();
    for (size_t i = 0; i != std::min(numbers->size(), tokens.size()); ++i)
      isControl[i] = (*numbers)[i] == Control;
  }
  auto tokenAt = [&](StringRef key) -> std::optional<int64_t> {
    const auto *id = get<uint64_t>(file, key);
    return id && *id < tokens.size() ? std::optional(static_cast<int64_t>(*id)) : std::nullopt;
  };
  endOfText = tokenAt("tokenizer.ggml.eos_token_id");
  const bool *adds = get<bool>(file, "tokenizer.ggml.add_bos_token");
  if (adds && *adds)
    beginOfText = tokenAt("tokenizer.ggml.bos_token_id");
  return Error::success();
}

Error ByteLevelBpe::appendTokens(StringRef piece, std::vector<int64_t> &result) const {
  std::vector<std::string> symbols;
  for (char byte : piece)
    symbols.push_back(byteCharacters()[static_cast<uint8_t>(byte)]);
  while (true) {
    size_t best = ranks.size(), place = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      auto found = ranks.find(symbols[i] + " " + symbols[i + 1]);
      if (found != ranks.end() && found->second < best) {
        best = found->second;
        place = i;
      }
    }
    if (best == ranks.size())
      break;
    symbols[place] += symbols[place + 1];
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  }
  for (const std::string &symbol : symbols) {
    auto id = ids.find(symbol);
    if (id == ids.end())
      return createStringError("there is no token for a part of '" + piece + "'");
    result.push_back(id->second);
  }
  return Error::success();
}

Expected<std::vector<int64_t>> ByteLevelBpe::encode(StringRef text) const {
  std::vector<int64_t> result;
  if (beginOfText)
    result.push_back(*beginOfText);
  for (StringRef piece : divideText(text, digits))
    if (Error error = appendTokens(piece, result))
      return error;
  return result;
}

Expected<std::string> ByteLevelBpe::decode(int64_t id) const {
  if (id < 0 || static_cast<size_t>(id) >= tokens.size())
    return createStringError("there is no token " + Twine(id) + " among " + Twine(tokens.size()));
  if (isControl[static_cast<size_t>(id)])
    return std::string();
  const StringRef token = tokens[static_cast<size_t>(id)];
  std::string text;
  for (size_t begin = 0; begin != token.size();) {
    const size_t length =
        std::min<size_t>(getNumBytesForUTF8(static_cast<UTF8>(token[begin])), token.size() - begin);
    const StringRef character = token.substr(begin, length);
    auto byte = characterBytes().find(character);
    text += byte == characterBytes().end() ? character.str() : std::string(1, byte->second);
    begin += length;
  }
  return text;
}

} // namespace optrun::generate
