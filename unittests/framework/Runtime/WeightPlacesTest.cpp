// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Weights that ONNX Runtime finds where they lie, and those that have to be written.

#include "optrun/Runtime/WeightPlaces.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <filesystem>

using namespace optrun;
using namespace optrun::runtime;
using namespace optrun::test;

namespace {

constexpr uint64_t Bytes = 2048;

class WeightPlacesTest : public testing::Test {
protected:
  WeightPlacesTest() { realFolder = std::filesystem::canonical(folder.path("")).string(); }

  /// A source of Bytes times \p letter behind eight bytes of something else, in a file of its own.
  ir::TensorSourceRef inFile(const std::string &name, char letter) const {
    const std::string path = folder.write(name, std::string(8, '-') + std::string(Bytes, letter));
    return valueOf(ir::makeFileRangeSource({valueOf(FileHandle::open(path)), 8, Bytes}));
  }

  ir::TensorRef add(const std::string &name, ir::TensorSourceRef source) {
    const auto size = static_cast<int64_t>(source->byteSize());
    auto tensor = valueOf(ir::Tensor::create(name, ir::DataType::UInt8, {size}, std::move(source)));
    ir::Value *value = valueOf(model.graph.addValue(name, {}));
    model.graph.setInitializer(*value, tensor);
    return tensor;
  }

  WeightFolder write() const {
    return valueOf(writeWeights(model, folder.path("all.data"),
                                [](uint64_t) { return llvm::Error::success(); }));
  }
  std::string contentAt(const onnx::ExternalPlace &place) const {
    std::ifstream file(realFolder + "/" + place.location, std::ios::binary);
    std::string content(place.length, '\0');
    file.seekg(static_cast<std::streamoff>(place.offset));
    file.read(content.data(), static_cast<std::streamsize>(place.length));
    return content;
  }

  TemporaryFolder folder;
  std::string realFolder;
  ir::Component model;
};

TEST_F(WeightPlacesTest, AreFoundInShardsOfOneFolder) {
  auto a = add("a", inFile("1.safetensors", 'a')), b = add("b", inFile("2.safetensors", 'b'));
  auto small = add("small", ir::makeInlineSource({1, 2, 3}));
  auto found = findAllWeights(model);
  ASSERT_TRUE(found);
  EXPECT_EQ(std::filesystem::canonical(found->folder).string() + "/", realFolder + "/");
  EXPECT_EQ(found->places.lookup(a.get()).location, "1.safetensors");
  EXPECT_EQ(found->places.lookup(b.get()).offset, 8u);
  EXPECT_FALSE(found->places.contains(small.get())) << "stays in the graph";
}

TEST_F(WeightPlacesTest, PositionsOfSparseTensorsStayInTheGraph) {
  auto values = add("values", inFile("1.safetensors", 'a')),
       positions = valueOf(
           ir::Tensor::create("", ir::DataType::Int64, {Bytes / 8}, inFile("2.safetensors", 'b')));
  model.graph.setSparseInitializer(*valueOf(model.graph.addValue("s")),
                                   {values, positions, {Bytes * 100}});
  for (const WeightFolder &folder : {*findAllWeights(model), write()}) {
    EXPECT_TRUE(folder.places.contains(values.get()));
    EXPECT_FALSE(folder.places.contains(positions.get()));
  }
}

TEST_F(WeightPlacesTest, AreNotFoundWhenTheyLieApart) {
  std::filesystem::create_directories(folder.path("one"));
  std::filesystem::create_directories(folder.path("other"));
  add("a", inFile("one/file", 'a'));
  EXPECT_TRUE(findAllWeights(model));
  add("b", inFile("other/file", 'b'));
  EXPECT_FALSE(findAllWeights(model));
}

TEST_F(WeightPlacesTest, AreWrittenOnceEach) {
  auto stored = inFile("1.safetensors", 'a');
  auto a = add("a", stored), tied = add("tied", stored);
  auto cast =
      add("cast", valueOf(ir::makeCastSource(inFile("2.safetensors", 0), ir::DataType::Float16,
                                             ir::DataType::Float32)));
  EXPECT_FALSE(findAllWeights(model));
  const WeightFolder written = write();
  EXPECT_EQ(written.places.lookup(a.get()).offset, written.places.lookup(tied.get()).offset);
  EXPECT_EQ(contentAt(written.places.lookup(a.get())), std::string(Bytes, 'a'));
  EXPECT_EQ(contentAt(written.places.lookup(cast.get())), std::string(2 * Bytes, '\0'));
}

TEST_F(WeightPlacesTest, AnInterruptionLeavesNoFile) {
  add("a", inFile("1.safetensors", 'a'));
  EXPECT_EQ(errorOf(writeWeights(model, folder.path("all.data"),
                                 [](uint64_t) { return llvm::createStringError("stop"); })),
            "tensor 'a': stop");
  EXPECT_FALSE(std::filesystem::exists(folder.path("all.data")));
}

} // namespace
