// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Chains of models: values by name, and errors that name the component.

#include "optrun/Runtime/ModelChain.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

#include "optrun/Runtime/OnnxRuntime.h"

using namespace optrun;
using namespace optrun::runtime;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

class ModelChainTest : public testing::Test {
protected:
  void SetUp() override {
    if (auto found = version(); !found)
      GTEST_SKIP() << llvm::toString(found.takeError());
  }

  /// A model in a file: \p signature and body as in "(float[1] a) => (float[1] b) { b = Neg(a) }".
  ChainLink link(const std::string &name, const std::string &signatureAndBody) const {
    ChainLink result{name, folder.path(name + ".onnx")};
    writeModel(*parseModel("<ir_version: 8, opset_import: [\"\" : 17]> " + name + signatureAndBody),
               result.path);
    return result;
  }

  TemporaryFolder folder;
};

NamedValues valueOfA(float number) {
  const auto *bytes = reinterpret_cast<const uint8_t *>(&number);
  NamedValues values;
  values["a"] = valueOf(RuntimeValue::tensor(ir::DataType::Float32, {1}, {bytes, sizeof(number)}));
  return values;
}

float numberIn(const RuntimeValue &value) {
  return *reinterpret_cast<const float *>(value.bytes().data());
}

TEST_F(ModelChainTest, PassesValuesByName) {
  std::vector<ChainLink> links = {
      link("first", "(float[1] a) => (float[1] b, float[1] c) { b = Add(a, a) c = Neg(a) }"),
      link("second", "(float[1] b) => (float[1] d) { d = Mul(b, b) }"),
      link("third", "(float[1] d, float[1] c, float[1] a) => (float[1] e) { e = Sum(a, c, d) }")};
  ModelChain chain = valueOf(ModelChain::open(links, {}));
  EXPECT_EQ(numberIn(valueOf(chain.run(valueOfA(3), "e"))), 36);
  EXPECT_EQ(numberIn(valueOf(chain.run(valueOfA(5), "e"))), 100) << "a chain runs many times";
  EXPECT_EQ(numberIn(valueOf(chain.run(valueOfA(3), "b"))), 6) << "an output of an early model";
  NamedValues several = valueOf(chain.runFor(valueOfA(3), {"c", "e"}));
  EXPECT_EQ(several.size(), 2u) << "and nothing else";
  EXPECT_EQ(numberIn(several["c"]), -3);
}

TEST_F(ModelChainTest, NamesTheComponentAtFault) {
  ChainLink first = link("first", "(float[1] a) => (float[1] b) { b = Neg(a) }");
  ChainLink second = link("second", "(float[1] x) => (float[1] y) { y = Neg(x) }");
  EXPECT_THAT(errorOf(valueOf(ModelChain::open({first, second}, {})).run(valueOfA(1), "y")),
              AllOf(HasSubstr("component 'second'"), HasSubstr("'x' is neither an input")));
  EXPECT_THAT(errorOf(valueOf(ModelChain::open({first}, {})).run(valueOfA(1), "z")),
              HasSubstr("no component gives the output 'z'"));
  EXPECT_THAT(errorOf(ModelChain::open({first, {"missing", folder.path("missing.onnx")}}, {})),
              HasSubstr("component 'missing'"));
}

} // namespace
