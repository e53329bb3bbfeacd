// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a decoder is given, run after run: its tokens, their positions, a mask, and the keys and
/// values of the runs before.

#include "Generator.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"

#include "optrun/Runtime/OnnxRuntime.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::generate;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

class GeneratorTest : public testing::Test {
protected:
  void SetUp() override {
    if (auto version = runtime::version(); !version)
      GTEST_SKIP() << llvm::toString(version.takeError());
  }

  /// Components "(inputs) => (outputs) { body }" in ONNX's textual syntax, called 0, 1 …
  llvm::Expected<Generator> open(const std::vector<std::string> &components) const {
    ModelFiles files{"tiny", {}};
    for (const std::string &component : components) {
      const std::string name = std::to_string(files.links.size());
      files.links.push_back({name, folder.path(name + ".onnx")});
      writeModel(*parseModel("<ir_version: 8, opset_import: [\"\" : 17]> m " + component),
                 files.links.back().path);
    }
    return Generator::open(files, {});
  }

  TemporaryFolder folder;
};

/// Remembers its tokens as keys.
const std::string Remember =
    R"((int64[b,s] input_ids, float[b,1,p,1] "past_key_values.0.key")
       => (float[b,1,t,1] "present.0.key", float[b,s] tokens) {
         axes = Constant <value_ints = [1, 3]> ()
         tokens = Cast <to = 1> (input_ids)
         new = Unsqueeze(tokens, axes)
         "present.0.key" = Concat <axis = 2> ("past_key_values.0.key", new)
       })";

/// The largest of 16 logits is that of the sum of all keys, the last position and the mask.
std::string addUp(const std::string &finally) {
  return R"((float[b,1,t,1] "present.0.key", float[b,s] tokens, int64[b,s] position_ids,
             int64[b,t] attention_mask) => (float[b,s,16] logits)
            <float[16] range = {0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}> {
              keys = ReduceSum <keepdims = 0> ("present.0.key")
              positions = Cast <to = 1> (position_ids)
              last = ReduceMax <keepdims = 0> (positions)
              mask = Cast <to = 1> (attention_mask)
              length = ReduceSum <keepdims = 0> (mask)
              sum = Sum(keys, last, length)
              distance = Sub(range, sum)
              square = Mul(distance, distance)
              score = Neg(square)
              zero = Constant <value_float = 0.0> ()
              two = Constant <value_ints = [2]> ()
              zeros = Mul(tokens, zero)
              rows = Unsqueeze(zeros, two)
              all = Add(rows, score)
              logits = )" +
         finally + " }";
}

TEST_F(GeneratorTest, GoesOnFromWhatItWasGiven) {
  Generator generator = valueOf(open({Remember, addUp("Identity(all)")}));
  EXPECT_EQ(valueOf(generator.next({1, 0})), (1 + 0) + 1 + 2);
  EXPECT_EQ(valueOf(generator.next({2})), (1 + 0 + 2) + 2 + 3);
  EXPECT_EQ(valueOf(generator.next({1})), (1 + 0 + 2 + 1) + 3 + 4);
}

TEST_F(GeneratorTest, WantsNumbers) {
  Generator generator = valueOf(open({Remember, addUp("Sqrt(all)")}));
  EXPECT_THAT(errorOf(generator.next({1, 2})), HasSubstr("NaN"));
  EXPECT_THAT(errorOf(generator.next({})), HasSubstr("no token to begin with"));
}

TEST_F(GeneratorTest, RefusesInputsThatItHasNoValueFor) {
  EXPECT_THAT(errorOf(open({"(int64[b,s] input_ids, float[b] pixels) => (float[b] logits) "
                            "{ logits = Identity(pixels) }"})),
              HasSubstr("component '0': its input 'pixels' is none that text can be generated"));
}

TEST_F(GeneratorTest, RefusesModelsWithoutCache) {
  EXPECT_THAT(errorOf(open({"(int64[b,s] input_ids) => (float[b,s] logits) "
                            "{ logits = Cast <to = 1> (input_ids) }"})),
              HasSubstr("'tiny' takes no past keys and values"));
}

} // namespace
