// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a model takes and gives, found in its graphs, and what it is given.

#include "ModelInterface.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "TokenInputs.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::evaluate;
using namespace optrun::test;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// A chain of models, each "name (inputs) => (outputs) { body }" in ONNX's textual syntax.
std::vector<std::unique_ptr<ir::Component>> chainOf(const std::vector<std::string> &models) {
  std::vector<std::unique_ptr<ir::Component>> chain;
  for (const std::string &model : models)
    chain.push_back(parseModel("<ir_version: 8, opset_import: [\"\" : 17]> " + model));
  return chain;
}

const std::string Table = "<float[5,2] table = {0,0,0,0,0,0,0,0,0,0}>";

/// An embedding whose rows are the logits, with other inputs or outputs beside it.
std::string embedding(const std::string &inputs, const std::string &outputs,
                      const std::string &body) {
  return "m (int64[b,s] input_ids" + inputs + ") => (" + outputs + ") " + Table + " { " + body +
         " }";
}
const std::string Logits = "logits = Gather(table, input_ids)";

llvm::Expected<ModelInterface> describe(const std::vector<std::string> &models,
                                        const std::optional<std::string> &logits = std::nullopt,
                                        bool isOptional = false) {
  return describeModel(chainOf(models), logits, isOptional);
}

TEST(ModelInterface, KnowsTokensLogitsAndVocabulary) {
  ModelInterface model =
      valueOf(describe({embedding(", int64[b,s] attention_mask", "float[b,s,2] logits", Logits)}));
  EXPECT_EQ(model.tokens, "input_ids");
  EXPECT_EQ(model.logits, "logits");
  EXPECT_EQ(model.vocabulary, 2) << "of the rows of the table and the logits, the fewer";
  EXPECT_EQ(model.inputs.size(), 2u);
}

TEST(ModelInterface, TakesTheOnlyOutputThatCanBeLogits) {
  const std::string outputs = "float[b,s,V] scores, float[b,2,s,4] present, int64[b,s,1] top";
  const std::string body = "scores = Gather(table, input_ids) present = Identity(past) "
                           "top = ArgMax <axis = 2> (scores)";
  ModelInterface model = valueOf(describe({embedding(", float[b,2,p,4] past", outputs, body)}));
  EXPECT_EQ(model.logits, "scores");
  EXPECT_EQ(model.vocabulary, 5) << "the rows of the table: the logits' extent is open";
}

TEST(ModelInterface, WantsToBeToldWhichOutputHasTheLogits) {
  const std::string two =
      embedding("", "float[b,s,V] a, float[b,s,V] c", "a = Gather(table, input_ids) c = Neg(a)");
  EXPECT_THAT(errorOf(describe({two})),
              AllOf(HasSubstr("more than one output"), HasSubstr("'a', 'c'")));
  EXPECT_EQ(valueOf(describe({two}, "c")).logits, "c");
  EXPECT_THAT(errorOf(describe({two}, "logits")), HasSubstr("no output 'logits', but 'a', 'c'"));
  EXPECT_THAT(errorOf(describe({embedding("", "int64[b,s] a", "a = Neg(input_ids)")})),
              HasSubstr("none of its inputs takes token ids"));
  EXPECT_THAT(errorOf(describe({embedding("", "float[b,2] a",
                                          "x = Gather(table, input_ids) "
                                          "a = ReduceMean <axes = [1], keepdims = 0> (x)")})),
              HasSubstr("no output has floating-point numbers and three dimensions"));
}

TEST(ModelInterface, LetsAReferenceNameItsLogitsOtherwise) {
  const std::string model = embedding("", "float[b,s,V] logits", Logits);
  EXPECT_NE(errorOf(describe({model}, "scores")), "(no error)");
  EXPECT_EQ(valueOf(describe({model}, "scores", /*isOptional=*/true)).logits, "logits");
}

TEST(ModelInterface, SeesAChainAsOneModel) {
  ModelInterface model = valueOf(
      describe({embedding("", "float[b,s,2] hidden", "hidden = Gather(table, input_ids)"),
                "last (float[b,s,2] hidden, int64[b,s] attention_mask) => (float[b,s,2] scores) "
                "{ m = Cast <to = 1> (attention_mask) n = Unsqueeze(m, two) "
                "scores = Mul(hidden, n) two = Constant <value_ints = [2]> () }"}));
  ASSERT_EQ(model.inputs.size(), 2u) << "what one component gives to the next is no input";
  EXPECT_EQ(model.inputs[1].name, "attention_mask");
  EXPECT_EQ(model.logits, "scores") << "nor can it be the logits";
}

// Inputs.

InputDescription input(const std::string &name, ir::DataType type, InputRole role,
                       std::vector<ir::Dimension> shape) {
  InputDescription description;
  description.name = name;
  description.type = type;
  description.role = role;
  description.shape = ir::Shape(shape.begin(), shape.end());
  return description;
}
ir::Dimension symbol(const char *name) { return {std::nullopt, name, ""}; }
ir::Dimension extent(int64_t value) { return {value, "", ""}; }

ModelInterface decoder() {
  ModelInterface model;
  const std::vector<ir::Dimension> perToken = {symbol("batch"), symbol("sequence")};
  model.tokens = "input_ids";
  model.inputs = {input("input_ids", ir::DataType::Int32, InputRole::Indices, perToken),
                  input("token_type_ids", ir::DataType::Int64, InputRole::Indices, perToken),
                  input("attention_mask", ir::DataType::Int64, InputRole::Mask,
                        {symbol("batch"), symbol("past + sequence")}),
                  input("position_ids", ir::DataType::Int64, InputRole::Positions, perToken),
                  input("use_cache_branch", ir::DataType::Bool, InputRole::UsePast, {extent(1)}),
                  input("past.0.key", ir::DataType::Float16, InputRole::Past,
                        {symbol("batch"), extent(2), symbol("past"), extent(4)})};
  return model;
}

template <typename T> std::vector<T> elementsOf(const runtime::RuntimeValue &value) {
  const auto *begin = reinterpret_cast<const T *>(value.bytes().data());
  return std::vector<T>(begin, begin + value.bytes().size() / sizeof(T));
}

TEST(TokenInputs, GiveADecoderOneRowAndAnEmptyCache) {
  ASSERT_EQ(errorOf(checkTakesWindows(decoder(), 3)), "");
  runtime::NamedValues values = valueOf(makeInputs(decoder(), {7, 8, 9}));
  EXPECT_THAT(values["input_ids"].dims(), ElementsAre(1, 3));
  EXPECT_THAT(elementsOf<int32_t>(values["input_ids"]), ElementsAre(7, 8, 9));
  EXPECT_THAT(elementsOf<int64_t>(values["token_type_ids"]), ElementsAre(0, 0, 0));
  EXPECT_THAT(elementsOf<int64_t>(values["attention_mask"]), ElementsAre(1, 1, 1));
  EXPECT_THAT(elementsOf<int64_t>(values["position_ids"]), ElementsAre(0, 1, 2));
  EXPECT_THAT(elementsOf<uint8_t>(values["use_cache_branch"]), ElementsAre(0));
  EXPECT_THAT(values["past.0.key"].dims(), ElementsAre(1, 2, 0, 4));
}

TEST(TokenInputs, MustAllBeUnderstood) {
  ModelInterface model = decoder();
  model.inputs.push_back(input("pixels", ir::DataType::Float32, InputRole::Values, {extent(1)}));
  EXPECT_THAT(errorOf(checkTakesWindows(model, 3)), HasSubstr("'pixels' is none of"));
  model.inputs.back() = input("causal_mask", ir::DataType::Float32, InputRole::Mask,
                              {symbol("batch"), extent(1), symbol("sequence"), symbol("past")});
  EXPECT_THAT(errorOf(checkTakesWindows(model, 3)), HasSubstr("'causal_mask' is none of"))
      << "which tokens it hides from which is not ours to guess";
}

TEST(TokenInputs, FitOnlyWhatTheModelTakes) {
  ModelInterface model = decoder();
  model.inputs[0].shape = {extent(1), extent(128)};
  EXPECT_EQ(errorOf(checkTakesWindows(model, 128)), "");
  EXPECT_THAT(errorOf(checkTakesWindows(model, 64)),
              AllOf(HasSubstr("it takes batch 1, sequence 128"),
                    HasSubstr("a window is batch 1, sequence 64")));
  model = decoder();
  model.inputs[3].rows = 16;
  EXPECT_EQ(errorOf(checkTakesWindows(model, 16)), "");
  EXPECT_THAT(errorOf(checkTakesWindows(model, 17)), HasSubstr("sequence 16"));
}

} // namespace
