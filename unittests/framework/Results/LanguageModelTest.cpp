// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What is known of a captured decoder: from its configuration, and whether its weights are still
/// those of the checkpoint.

#include "optrun/Results/LanguageModel.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;

namespace {

TEST(LanguageModel, NamesTheValuesOfALayer) {
  EXPECT_EQ(LanguageModel::nameOf("past_key_values.%d.key", 11), "past_key_values.11.key");
}

ir::TensorRef makeWeight(const std::string &name, size_t bytes = 4096) {
  return valueOf(ir::Tensor::create(name, ir::DataType::UInt8, {static_cast<int64_t>(bytes)},
                                    ir::makeInlineSource(std::vector<uint8_t>(bytes))));
}

void hold(ir::Component &component, const ir::TensorRef &tensor) {
  component.graph.setInitializer(*valueOf(component.graph.addValue(tensor->name().str())), tensor);
}

/// A model of two weights, taken note of, to be changed by a test.
class WeightsOfALanguageModel : public testing::Test {
protected:
  WeightsOfALanguageModel() {
    package.components.push_back(std::make_unique<ir::Component>());
    hold(*package.components[0], up);
    hold(*package.components[0], down);
    model.rememberWeights(*package.components[0]);
  }

  const ir::TensorRef up = makeWeight("up"), down = makeWeight("down");
  ir::Package package;
  LanguageModel model;
};

TEST_F(WeightsOfALanguageModel, AreUnchangedHoweverTheyAreDivided) {
  EXPECT_EQ(errorOf(model.checkWeightsUnchanged(package)), "");
  package.components[0] = std::make_unique<ir::Component>();
  hold(*package.components[0], up);
  package.components.push_back(std::make_unique<ir::Component>());
  hold(*package.components[1], down->renamed("down_in_part_1"));
  hold(*package.components[1], up); // tied
  hold(*package.components[1], makeWeight("axes", 16));
  EXPECT_EQ(errorOf(model.checkWeightsUnchanged(package)), "");
}

TEST_F(WeightsOfALanguageModel, AreChangedWhenOneIsReplaced) {
  package.components[0] = std::make_unique<ir::Component>();
  hold(*package.components[0], up);
  hold(*package.components[0], makeWeight("down_quantized"));
  EXPECT_EQ(errorOf(model.checkWeightsUnchanged(package)),
            "the weight 'down' of the checkpoint has been replaced or removed; 'down_quantized' is "
            "new");
}

TEST_F(WeightsOfALanguageModel, AreChangedWhenOneIsAdded) {
  hold(*package.components[0], makeWeight("adapter"));
  EXPECT_EQ(errorOf(model.checkWeightsUnchanged(package)),
            "the weight 'adapter' is not of the checkpoint");
}

} // namespace
