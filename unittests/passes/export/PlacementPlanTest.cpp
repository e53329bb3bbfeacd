// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which file holds each weight, and where.

#include "PlacementPlan.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include "optrun/Storage/Spool.h"

using namespace optrun;
using namespace optrun::exporting;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

class PlacementTest : public testing::Test {
protected:
  PlacementTest() {
    model = folder.write("source/model.onnx", std::string(20000, 'g'));
    data = folder.write("source/onnx/weights.bin", std::string(20000, 'w'));
  }

  static ir::TensorRef tensor(ir::TensorSourceRef source) {
    const auto size = static_cast<int64_t>(source->byteSize());
    return valueOf(ir::Tensor::create("t", ir::DataType::UInt8, {size}, std::move(source)));
  }
  static ir::TensorRef inMemory(size_t bytes) {
    return tensor(ir::makeInlineSource(std::vector<uint8_t>(bytes)));
  }
  static ir::TensorRef inFile(const std::string &path, uint64_t offset, uint64_t length) {
    return tensor(
        valueOf(ir::makeFileRangeSource({valueOf(FileHandle::open(path)), offset, length})));
  }

  /// Adds a component with these tensors as initializers.
  void add(const std::vector<ir::TensorRef> &tensors) {
    auto component = std::make_unique<ir::Component>();
    for (size_t i = 0; i != tensors.size(); ++i) {
      ir::Value *value = valueOf(component->graph.addValue("v" + std::to_string(i)));
      component->graph.setInitializer(*value, tensors[i]);
    }
    components.push_back(std::move(component));
  }

  /// "file@offset+length" of a tensor in a component; empty when it stays inside.
  static std::string placeOf(const PlacementPlan &plan, size_t component,
                             const ir::TensorRef &tensor) {
    auto place = plan.components[component].external.find(tensor.get());
    if (place == plan.components[component].external.end())
      return "";
    return place->second.location + "@" + std::to_string(place->second.offset) + "+" +
           std::to_string(place->second.length);
  }

  PlacementPlan shared(bool hardLinks = false, const std::string &output = "") {
    SharedPlacement options;
    if (!output.empty())
      options.folder = std::filesystem::canonical(folder.path(output)).string();
    options.modelFile = model;
    options.hardLinks = hardLinks;
    return placeShared(components, options);
  }

  TemporaryFolder folder;
  std::string model, data;
  std::vector<std::unique_ptr<ir::Component>> components;
};

TEST_F(PlacementTest, InlinePlacesNothing) {
  add({inMemory(5000)});
  PlacementPlan plan = placeInline(components);
  EXPECT_THAT(plan.files, IsEmpty());
  ASSERT_EQ(plan.components.size(), 1u);
  EXPECT_TRUE(plan.components[0].external.empty());
}

TEST_F(PlacementTest, SingleHasOneAlignedFileForEachComponent) {
  auto a = inMemory(5000), small = inMemory(1023), b = inMemory(1024), c = inMemory(2000);
  add({a, small, b});
  add({c});
  add({small});
  PlacementPlan plan = placeSingle(components, {"split_0.onnx", "split_1.onnx", "split_2.onnx"});
  EXPECT_EQ(placeOf(plan, 0, a), "split_0.onnx.data@0+5000");
  EXPECT_EQ(placeOf(plan, 0, small), "");
  EXPECT_EQ(placeOf(plan, 0, b), "split_0.onnx.data@8192+1024");
  EXPECT_EQ(placeOf(plan, 1, c), "split_1.onnx.data@0+2000");
  ASSERT_EQ(plan.files.size(), 2u) << "no file without weights";
  EXPECT_EQ(plan.files[0].size, 8192u + 1024u);
  EXPECT_THAT(plan.components[1].files, ElementsAre(1));
  EXPECT_THAT(plan.components[2].files, IsEmpty());
}

TEST_F(PlacementTest, AFullScratchFileBecomesTheDataFile) {
  Spool spool(folder.path(""));
  const auto reserved = [&](uint64_t bytes) {
    return tensor(valueOf(valueOf(spool.reserve(bytes)).source()));
  };
  const auto first = reserved(50'000), second = reserved(60'000), other = inMemory(5000);
  add({other, second, first});
  const PlacementPlan plan = placeSingle(components, {"model.onnx"});
  EXPECT_EQ(placeOf(plan, 0, first), "model.onnx.data@0+50000");
  EXPECT_EQ(placeOf(plan, 0, second), "model.onnx.data@53248+60000");
  EXPECT_EQ(placeOf(plan, 0, other), "model.onnx.data@114688+5000");
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].kind, DataFile::Kind::Scratch);
  EXPECT_EQ(plan.files[0].payloads.size(), 1u);
  EXPECT_EQ(plan.files[0].size, 119688u);

  // Not when files are to be small, nor when others need the rest of it.
  EXPECT_EQ(placeSingle(components, {"model.onnx"}, 1 << 20).files[0].kind, DataFile::Kind::Built);
  reserved(20'000);
  EXPECT_EQ(placeSingle(components, {"model.onnx"}).files[0].kind, DataFile::Kind::Built);
}

TEST_F(PlacementTest, SeveralComponentsDoNotShareAScratchFile) {
  Spool spool(folder.path(""));
  for (int i = 0; i != 2; ++i)
    add({tensor(valueOf(valueOf(spool.reserve(81'920)).source()))});
  for (const DataFile &file : placeSingle(components, {"split_0.onnx", "split_1.onnx"}).files)
    EXPECT_EQ(file.kind, DataFile::Kind::Built);
}

TEST_F(PlacementTest, PositionsOfSparseTensorsStayInside) {
  auto values = inMemory(5000), indices = inMemory(5000);
  add({});
  ir::Graph &graph = components[0]->graph;
  graph.setSparseInitializer(*valueOf(graph.addValue("s")), {values, indices, {10000}});
  PlacementPlan plan = placeSingle(components, {"model.onnx"});
  EXPECT_NE(placeOf(plan, 0, values), "");
  EXPECT_EQ(placeOf(plan, 0, indices), "");
}

/// By the rule of Hugging Face's hub; payloads start at multiples of 4096.
TEST_F(PlacementTest, DataFilesOfALimitedSize) {
  const ir::TensorRef first = inMemory(2000), second = inMemory(4000), large = inMemory(20000),
                      third = inMemory(2000), fourth = inMemory(4500);
  add({first, large, second, third, fourth, first});
  PlacementPlan plan = placeSingle(components, {"model.onnx"}, /*maxFileSize=*/9000);
  EXPECT_EQ(placeOf(plan, 0, first), "model.onnx-00001-of-00003.data@0+2000");
  EXPECT_EQ(placeOf(plan, 0, large), "model.onnx-00002-of-00003.data@0+20000");
  EXPECT_EQ(placeOf(plan, 0, second), "model.onnx-00001-of-00003.data@4096+4000");
  EXPECT_EQ(placeOf(plan, 0, third), "model.onnx-00003-of-00003.data@0+2000");
  EXPECT_EQ(placeOf(plan, 0, fourth), "model.onnx-00003-of-00003.data@4096+4500");
  EXPECT_THAT(plan.components[0].files, ElementsAre(0, 1, 2));
  EXPECT_EQ(plan.files[0].size, 8096u);
}

TEST_F(PlacementTest, NoFileIsEmptyWhenTheFirstTensorIsTooLarge) {
  add({inMemory(20000), inMemory(2000)});
  PlacementPlan plan = placeSingle(components, {"model.onnx"}, /*maxFileSize=*/9000);
  ASSERT_EQ(plan.files.size(), 2u);
  for (const DataFile &file : plan.files)
    EXPECT_EQ(file.payloads.size(), 1u);
}

TEST_F(PlacementTest, TiedWeightsAreStoredOnce) {
  auto a = inMemory(5000), renamed = a->renamed("tied");
  auto left = inFile(data, 4096, 2048), right = inFile(data, 4096, 2048);
  add({a, left, renamed, right, a});
  PlacementPlan plan = placeSingle(components, {"model.onnx"});
  EXPECT_EQ(placeOf(plan, 0, renamed), placeOf(plan, 0, a));
  EXPECT_EQ(placeOf(plan, 0, right), placeOf(plan, 0, left));
  EXPECT_EQ(plan.files[0].payloads.size(), 2u);
  EXPECT_TRUE(hasTiedPayloads(*components[0]));
}

TEST_F(PlacementTest, UntiedWeightsAreNotTied) {
  add({inMemory(10), inMemory(10), inFile(data, 0, 2000), inFile(data, 2000, 2000)});
  EXPECT_FALSE(hasTiedPayloads(*components[0]));
}

TEST_F(PlacementTest, SharedPointsAtTheModelsOwnFileInPlace) {
  auto a = inFile(data, 100, 2000), b = inFile(data, 3001, 5000);
  add({a});
  add({b});
  for (auto [output, name] : {std::pair<const char *, const char *>{"source/onnx", "weights.bin"},
                              {"source", "onnx/weights.bin"},
                              {"", "source/onnx/weights.bin"}}) {
    PlacementPlan plan = shared(false, *output ? output : ".");
    ASSERT_EQ(plan.files.size(), 1u);
    EXPECT_EQ(plan.files[0].kind, DataFile::Kind::Own);
    EXPECT_EQ(placeOf(plan, 0, a), std::string(name) + "@100+2000");
    EXPECT_EQ(placeOf(plan, 1, b), std::string(name) + "@3001+5000");
  }
}

TEST_F(PlacementTest, SharedPointsIntoAnOnnxFileInPlace) {
  auto a = inFile(model, 47, 3000);
  add({a});
  PlacementPlan plan = shared(false, "source");
  EXPECT_EQ(plan.files[0].kind, DataFile::Kind::Own);
  EXPECT_EQ(placeOf(plan, 0, a), "model.onnx@47+3000");
}

TEST_F(PlacementTest, SharedKeepsTheRestInAFileOfItsOwnInPlace) {
  auto a = inFile(data, 100, 2000), b = inMemory(2000);
  add({a, b});
  PlacementPlan plan = shared(true, "source");
  EXPECT_EQ(placeOf(plan, 0, a), "onnx/weights.bin@100+2000");
  EXPECT_EQ(placeOf(plan, 0, b), "model.data@0+2000");
}

TEST_F(PlacementTest, SharedCopiesTheOnlyDataFileWhole) {
  auto a = inFile(data, 100, 2000), b = inFile(data, 3001, 5000);
  add({a});
  add({b});
  PlacementPlan plan = shared();
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].kind, DataFile::Kind::Copied);
  EXPECT_EQ(plan.files[0].size, 20000u);
  EXPECT_EQ(placeOf(plan, 1, b), "model.data@3001+5000");
  EXPECT_THAT(plan.components[1].files, ElementsAre(0));
}

TEST_F(PlacementTest, SharedBuildsAFileFromSeveral) {
  auto a = inFile(data, 100, 2000), b = inFile(model, 47, 3000), c = inFile(data, 100, 2000);
  add({a});
  add({b, c});
  PlacementPlan plan = shared();
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].kind, DataFile::Kind::Built);
  EXPECT_EQ(placeOf(plan, 0, a), "model.data@0+2000");
  EXPECT_EQ(placeOf(plan, 1, b), "model.data@4096+3000");
  EXPECT_EQ(placeOf(plan, 1, c), "model.data@0+2000") << "once over all components";
}

TEST_F(PlacementTest, SharedDoesNotCopyAnOnnxFileWhole) {
  add({inFile(model, 47, 3000)});
  EXPECT_EQ(shared().files[0].kind, DataFile::Kind::Built);
}

TEST_F(PlacementTest, SharedLinksEveryFileWhenAsked) {
  auto a = inFile(data, 100, 2000), b = inFile(model, 47, 3000), c = inMemory(5000);
  add({a, b, c});
  PlacementPlan plan = shared(true);
  ASSERT_EQ(plan.files.size(), 3u);
  EXPECT_EQ(placeOf(plan, 0, a), "model.data@100+2000");
  EXPECT_EQ(placeOf(plan, 0, b), "model_1.data@47+3000");
  EXPECT_EQ(placeOf(plan, 0, c), "model_2.data@0+5000");
  EXPECT_EQ(plan.files[0].kind, DataFile::Kind::Linked);
  EXPECT_EQ(plan.files[2].kind, DataFile::Kind::Built);
}

TEST_F(PlacementTest, AFileThatWasReplacedIsNotUsedInPlace) {
  auto a = inFile(data, 100, 2000);
  add({a});
  std::filesystem::rename(data, data + ".old");
  folder.write("source/onnx/weights.bin", std::string(20000, 'x'));
  PlacementPlan plan = shared(true, "source");
  EXPECT_EQ(plan.files[0].kind, DataFile::Kind::Copied);
  EXPECT_EQ(placeOf(plan, 0, a), "model.data@100+2000");
}

TEST_F(PlacementTest, AFolderOfASimilarNameIsAnother) {
  add({inFile(folder.write("source-2/weights.bin", std::string(20000, 'w')), 0, 2000)});
  EXPECT_EQ(shared(false, "source").files[0].kind, DataFile::Kind::Copied);
}

} // namespace
