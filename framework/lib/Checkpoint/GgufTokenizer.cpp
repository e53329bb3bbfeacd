// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From tokenizer.ggml.* to tokenizer.json and tokenizer_config.json.

#include "optrun/Checkpoint/GgufTokenizer.h"

#include "Messages.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

#include <nlohmann/json.hpp>

namespace optrun::checkpoint {
namespace {

using Json = nlohmann::ordered_json;

/// Of tokens, as GGUF numbers them.
enum class TokenType { Control = 3, UserDefined = 4 };

Json byteLevel(bool splitsWords) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", true},
          {"use_regex", splitsWords}};
}

/// Texts are cut where \p pattern says, then bytes become characters.
Json splitBy(const std::string &pattern) {
  const Json split = {{"type", "Split"},
                      {"pattern", {{"Regex", pattern}}},
                      {"behavior", "Isolated"},
                      {"invert", false}};
  return {{"type", "Sequence"}, {"pretokenizers", Json::array({split, byteLevel(false)})}};
}

/// How a text is cut before pairs are merged.
struct Cutting {
  Json preTokenizer;
  bool takesWholeWords = false; // a piece that is a token is one, whatever the merges say
  bool beginsTexts = false;     // puts a token before each text unless the file says otherwise
};

/// \p name is that of tokenizer.ggml.pre; nullopt for those that are not known.
std::optional<Cutting> cuttingOf(llvm::StringRef name) {
  const std::string words = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)";
  const std::string rest = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  if (name == "gpt-2")
    return Cutting{byteLevel(true)};
  if (name == "smollm") {
    const Json digits = {{"type", "Digits"}, {"individual_digits", true}};
    return Cutting{
        {{"type", "Sequence"}, {"pretokenizers", Json::array({digits, byteLevel(true)})}}};
  }
  if (name == "llama-bpe")
    return Cutting{splitBy(words + R"(\p{N}{1,3})" + rest), true, true};
  if (name == "qwen2")
    return Cutting{splitBy(words + R"(\p{N})" + rest)};
  return std::nullopt;
}

class TokenizerConverter {
public:
  explicit TokenizerConverter(const GgufFile &file) : file(file) {}

  llvm::Expected<TokenizerTexts> convert() {
    if (llvm::Error error = readKind())
      return std::move(error);
    if (llvm::Error error = readVocabulary())
      return std::move(error);
    return TokenizerTexts{printTokenizer(), printConfig()};
  }

private:
  template <typename T> std::optional<T> value(llvm::StringRef key) const {
    const GgufValue *found = file.find(key);
    const T *typed = found ? std::get_if<T>(found) : nullptr;
    return typed ? std::optional(*typed) : std::nullopt;
  }

  llvm::Error readKind() {
    std::optional<std::string> model = value<std::string>("tokenizer.ggml.model");
    if (!model)
      return makeError("the GGUF file has no tokenizer");
    if (*model != "gpt2")
      return makeError("the GGUF file has a tokenizer of the kind " + inQuotes(*model) +
                       "; only byte-level BPE ('gpt2') is converted");
    std::string name = value<std::string>("tokenizer.ggml.pre").value_or("");
    std::optional<Cutting> known = cuttingOf(name);
    if (!known)
      return makeError("the GGUF file has a tokenizer that cuts texts in the way " +
                       inQuotes(name) + " (tokenizer.ggml.pre), which is not known here");
    cutting = std::move(*known);
    return llvm::Error::success();
  }

  llvm::Expected<std::vector<std::string>> strings(llvm::StringRef key) const {
    std::optional<GgufArray> array = value<GgufArray>(key);
    if (!array)
      return makeError("the tokenizer of the GGUF file has no " + key);
    llvm::Expected<std::vector<std::string>> texts = file.strings(*array);
    if (texts)
      for (const std::string &text : *texts)
        if (!llvm::json::isUTF8(text))
          return makeError("the tokenizer of the GGUF file has a text in " + key +
                           " that is not UTF-8");
    return texts;
  }

  llvm::Error readVocabulary() {
    llvm::Expected<std::vector<std::string>> texts = strings("tokenizer.ggml.tokens");
    if (!texts)
      return texts.takeError();
    tokens = std::move(*texts);
    llvm::StringMap<char> known;
    for (const std::string &token : tokens)
      if (!known.try_emplace(token).second)
        return makeError("the tokenizer of the GGUF file has the token " + inQuotes(token) +
                         " twice");
    llvm::Expected<std::vector<std::string>> pairs = strings("tokenizer.ggml.merges");
    if (!pairs)
      return pairs.takeError();
    merges = std::move(*pairs);
    std::optional<GgufArray> types = value<GgufArray>("tokenizer.ggml.token_type");
    if (!types)
      return llvm::Error::success();
    llvm::Expected<std::vector<double>> numbers = file.numbers(*types);
    if (!numbers)
      return numbers.takeError();
    tokenTypes = std::move(*numbers);
    return llvm::Error::success();
  }

  bool isOfType(size_t token, TokenType type) const {
    return token < tokenTypes.size() && tokenTypes[token] == static_cast<double>(type);
  }

  /// Tokens that are found in a text before it is cut.
  Json addedTokens() const {
    Json added = Json::array();
    for (size_t i = 0; i != tokens.size(); ++i) {
      const bool isControl = isOfType(i, TokenType::Control);
      if (isControl || isOfType(i, TokenType::UserDefined))
        added.push_back({{"id", i},
                         {"content", tokens[i]},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false},
                         {"special", isControl}});
    }
    return added;
  }

  /// The text of the token under a key like tokenizer.ggml.bos_token_id.
  std::optional<std::string> tokenNamed(llvm::StringRef key) const {
    std::optional<uint64_t> id = value<uint64_t>(key);
    return id && *id < tokens.size() ? std::optional(tokens[*id]) : std::nullopt;
  }

  bool addsBeginning() const {
    return value<bool>("tokenizer.ggml.add_bos_token").value_or(cutting.beginsTexts);
  }

  Json postProcessor() const {
    std::optional<std::string> beginning = tokenNamed("tokenizer.ggml.bos_token_id");
    if (!addsBeginning() || !beginning)
      return byteLevel(true);
    const auto special = [&](int type) {
      return Json{{"SpecialToken", {{"id", *beginning}, {"type_id", type}}}};
    };
    const auto sequence = [](const char *id, int type) {
      return Json{{"Sequence", {{"id", id}, {"type_id", type}}}};
    };
    return {{"type", "TemplateProcessing"},
            {"single", Json::array({special(0), sequence("A", 0)})},
            {"pair", Json::array({special(0), sequence("A", 0), special(1), sequence("B", 1)})},
            {"special_tokens",
             {{*beginning,
               {{"id", *beginning},
                {"ids", Json::array({*value<uint64_t>("tokenizer.ggml.bos_token_id")})},
                {"tokens", Json::array({*beginning})}}}}}};
  }

  std::string printTokenizer() const {
    std::string vocabulary; // by hand: an ordered object looks for each key among those before it
    for (size_t i = 0; i != tokens.size(); ++i)
      vocabulary += (i ? "," : "") + Json(tokens[i]).dump() + ':' + std::to_string(i);
    const Json model = {{"type", "BPE"},
                        {"dropout", nullptr},
                        {"unk_token", nullptr},
                        {"continuing_subword_prefix", nullptr},
                        {"end_of_word_suffix", nullptr},
                        {"fuse_unk", false},
                        {"byte_fallback", false},
                        {"ignore_merges", cutting.takesWholeWords},
                        {"merges", merges}};
    const Json around = {{"version", "1.0"},
                         {"truncation", nullptr},
                         {"padding", nullptr},
                         {"added_tokens", addedTokens()},
                         {"normalizer", nullptr},
                         {"pre_tokenizer", cutting.preTokenizer},
                         {"post_processor", postProcessor()},
                         {"decoder", byteLevel(true)}};
    std::string text = around.dump(), modelText = model.dump();
    text.pop_back();
    modelText.pop_back();
    return text + ",\"model\":" + modelText + ",\"vocab\":{" + vocabulary + "}}}\n";
  }

  std::string printConfig() const {
    Json json = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                 {"add_bos_token", addsBeginning()},
                 {"clean_up_tokenization_spaces", false}};
    constexpr std::pair<llvm::StringLiteral, const char *> Named[] = {
        {"tokenizer.ggml.bos_token_id", "bos_token"},
        {"tokenizer.ggml.eos_token_id", "eos_token"},
        {"tokenizer.ggml.unknown_token_id", "unk_token"},
        {"tokenizer.ggml.padding_token_id", "pad_token"}};
    for (const auto &[key, name] : Named)
      if (std::optional<std::string> token = tokenNamed(key))
        json[name] = *token;
    if (std::optional<std::string> chat = value<std::string>("tokenizer.chat_template");
        chat && llvm::json::isUTF8(*chat))
      json["chat_template"] = *chat;
    return json.dump(2) + "\n";
  }

  const GgufFile &file;
  Cutting cutting;
  std::vector<std::string> tokens, merges;
  std::vector<double> tokenTypes;
};

} // namespace

llvm::Expected<TokenizerTexts> convertGgufTokenizer(const GgufFile &file) {
  return TokenizerConverter(file).convert();
}

} // namespace optrun::checkpoint
