// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a model takes and gives, found in its graphs.

#include "ModelInterface.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"

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

} // namespace
