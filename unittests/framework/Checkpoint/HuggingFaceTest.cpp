// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Hugging Face folders, whole and in shards, good and bad.

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestPaths.h"

#include "optrun/Checkpoint/Checkpoint.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

namespace stdfs = std::filesystem;

/// A .safetensors file with tensors of one byte each.
std::string shardOf(const std::vector<std::string> &names) {
  std::string header = "{";
  for (size_t i = 0; i != names.size(); ++i)
    header += (i ? ",\"" : "\"") + names[i] + R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" +
              std::to_string(i) + "," + std::to_string(i + 1) + "]}";
  return safeTensors(header + "}", std::string(names.size(), 'x'));
}

/// Two shards with the tensors a, b and c, and the index \p index.
class ShardedFolder {
public:
  explicit ShardedFolder(const std::string &index) {
    folder.write("model/config.json", R"({"model_type": "llama"})");
    folder.write("model/one.safetensors", shardOf({"b", "a"}));
    folder.write("model/two.safetensors", shardOf({"c"}));
    folder.write("model/model.safetensors.index.json", index);
  }
  std::string path() const { return folder.path("model"); }
  llvm::Expected<Checkpoint> open() const { return openCheckpoint(path()); }

  TemporaryFolder folder;
};

std::string index(const std::string &map, const std::string &metadata = R"({"total_size": 3})") {
  return R"({"metadata": )" + metadata + R"(, "weight_map": {)" + map + "}}";
}
const std::string GoodMap =
    R"("a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors")";

std::vector<std::string> namesOf(const Checkpoint &checkpoint) {
  std::vector<std::string> names;
  for (const ir::TensorRef &tensor : checkpoint.tensors())
    names.push_back(tensor->name().str());
  return names;
}

TEST(HuggingFaceFolder, OpensWhatTheReferenceImplementationWrites) {
  for (const char *family : {"opt", "gpt2", "llama", "mistral", "qwen2", "phi3", "gemma2"}) {
    std::string folder = fixture(std::string("checkpoints/") + family);
    if (!stdfs::exists(folder))
      GTEST_SKIP() << "no fixtures";
    Checkpoint checkpoint = valueOf(openCheckpoint(folder));
    EXPECT_EQ(checkpoint.format, Checkpoint::Format::HuggingFace);
    EXPECT_THAT(checkpoint.configJson, HasSubstr(std::string("\"model_type\": \"") + family));
    EXPECT_GT(checkpoint.tensors().size(), 10u) << family;
    EXPECT_THAT(checkpoint.warnings, IsEmpty()) << family;
    EXPECT_FALSE(checkpoint.find("input_ids")) << "which golden.safetensors has";
  }
}

TEST(HuggingFaceFolder, GivesFilesByNameAndTensorsByTheirBytes) {
  ShardedFolder sharded(index(GoodMap));
  sharded.folder.write("model/tokenizer.json", "{}");
  sharded.folder.write("model/merges.txt", "");
  Checkpoint checkpoint = valueOf(sharded.open());
  EXPECT_THAT(namesOf(checkpoint), ElementsAre("b", "a", "c"));
  EXPECT_EQ(checkpoint.find("a"), checkpoint.tensors()[1]);
  EXPECT_EQ(checkpoint.quantizedBlocks("a"), nullptr);
  EXPECT_THAT(checkpoint.files,
              ElementsAre(EndsWith("/config.json"), EndsWith("index.json"),
                          EndsWith("/one.safetensors"), EndsWith("/two.safetensors")));
  EXPECT_THAT(checkpoint.tokenizerFiles,
              ElementsAre(EndsWith("/merges.txt"), EndsWith("/tokenizer.json")));
}

TEST(HuggingFaceFolder, MayBeACacheOfLinks) {
  // As the hub's client has it: snapshots/REVISION/NAME is a link to ../../blobs/HASH.
  TemporaryFolder cache;
  cache.write("blobs/1111", R"({"model_type": "llama"})");
  cache.write("blobs/2222", shardOf({"a"}));
  stdfs::create_directories(cache.path("snapshots/main"));
  stdfs::create_symlink("../../blobs/1111", cache.path("snapshots/main/config.json"));
  stdfs::create_symlink("../../blobs/2222", cache.path("snapshots/main/model.safetensors"));
  stdfs::create_symlink("snapshots/main", cache.path("link"));
  for (const char *folder : {"snapshots/main", "link"}) {
    Checkpoint checkpoint = valueOf(openCheckpoint(cache.path(folder)));
    EXPECT_THAT(checkpoint.files, ElementsAre(EndsWith("/blobs/1111"), EndsWith("/blobs/2222")));
  }
}

TEST(HuggingFaceFolder, WarnsOfAWrongTotal) {
  Checkpoint checkpoint = valueOf(ShardedFolder(index(GoodMap, R"({"total_size": 4})")).open());
  EXPECT_THAT(checkpoint.warnings, ElementsAre(HasSubstr("have 4 bytes; they have 3")));
}

TEST(HuggingFaceFolder, IgnoresWhatElseAnIndexSays) {
  std::string metadata = R"({"made": [{"by": null}, 1, -1, 0.5, true], "total_size": "many"})";
  EXPECT_THAT(valueOf(ShardedFolder(index(GoodMap, metadata)).open()).warnings, IsEmpty());
}

TEST(HuggingFaceFolder, PrefersTheWholeFileAsTheReferenceImplementationDoes) {
  ShardedFolder sharded(index(GoodMap));
  sharded.folder.write("model/model.safetensors", shardOf({"whole"}));
  EXPECT_THAT(namesOf(valueOf(sharded.open())), ElementsAre("whole"));
}

// ---- What is wrong with a folder --------------------------------------------------------------

TEST(HuggingFaceFolder, SaysWhatIsMissing) {
  TemporaryFolder folder;
  EXPECT_THAT(errorOf(openCheckpoint(folder.path("none"))), HasSubstr("does not exist"));
  EXPECT_THAT(errorOf(openCheckpoint(folder.path(""))), HasSubstr("holds no config.json"));
  folder.write("config.json", "{}");
  EXPECT_THAT(errorOf(openCheckpoint(folder.path(""))),
              HasSubstr("holds neither model.safetensors nor model.safetensors.index.json"));
  EXPECT_THAT(errorOf(openCheckpoint(folder.path("config.json"))),
              HasSubstr("is a part of a checkpoint; name its folder"));
}

TEST(HuggingFaceFolder, RefusesPickles) {
  TemporaryFolder folder;
  folder.write("config.json", "{}");
  std::string pickle = folder.write("pytorch_model.bin", "PK");
  for (const std::string &path : {folder.path(""), pickle})
    EXPECT_THAT(errorOf(openCheckpoint(path)),
                AllOf(HasSubstr("pytorch_model.bin"), HasSubstr("convert it to safetensors")));
}

struct BadText {
  const char *name;
  std::string text;
  const char *message;
};
std::ostream &operator<<(std::ostream &os, const BadText &file) { return os << file.name; }
const auto NameOf = [](const auto &info) { return std::string(info.param.name); };

const BadText badConfigs[] = {
    {"Empty", "", "no valid JSON"},
    {"Array", "[1]", "an array does not belong there"},
    {"Number", "1", "it must be an object: a number"},
    {"CutOff", R"({"a": 1)", "no valid JSON at byte 8: unexpected end of input"},
    {"KeyTwice", R"({"a": 1, "\u0061": 2})", "the key 'a' is there twice"},
    {"NestedKeyTwice", R"({"x": [{"a": 1, "a": 2}]})", "the key 'a' is there twice"},
    {"Deep", R"({"a": )" + std::string(100000, '['), "nested more than 64 levels deep"},
    {"HiddenBehindAZero", std::string("{}\0{}", 5), "a zero byte"},
    {"ByteOrderMark", "\xef\xbb\xbf{}", "a byte order mark"},
    {"TooLarge", "{" + std::string(5 << 20, ' ') + "}", "the limit is 4194304"},
};

class HostileConfig : public testing::TestWithParam<BadText> {};

TEST_P(HostileConfig, GivesOneClearError) {
  TemporaryFolder folder;
  folder.write("config.json", GetParam().text);
  folder.write("model.safetensors", shardOf({"a"}));
  EXPECT_THAT(errorOf(openCheckpoint(folder.path(""))),
              AllOf(HasSubstr("config.json: "), HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(All, HostileConfig, testing::ValuesIn(badConfigs), NameOf);

std::string mapWithFile(const std::string &file) {
  return index(R"("a": ")" + file + R"(", "b": "one.safetensors", "c": "two.safetensors")");
}

const BadText badIndexes[] = {
    {"Empty", "", "no valid JSON"},
    {"Array", "[]", "an array does not belong there"},
    {"NoMap", R"({"metadata": {}})", "it has no weight_map"},
    {"MapIsAList", R"({"weight_map": ["a"]})", "'weight_map': an array does not belong there"},
    {"MapIsAString", R"({"weight_map": "a"})", "'weight_map': a string does not belong there"},
    {"MapTwice", R"({"weight_map": {}, "weight_map": {}})", "'weight_map' is there twice"},
    {"MapHoldsANumber", index(R"("a": 1)"), "tensor 'a': a number does not belong there"},
    {"MapHoldsAnObject", index(R"("a": {})"), "tensor 'a': an object does not belong there"},
    {"TensorTwice", index(GoodMap + R"(, "\u0061": "two.safetensors")"), "'a' is there twice"},
    {"TensorMissing", index(GoodMap + R"(, "d": "two.safetensors", "e": "one.safetensors")"),
     "tensor 'd' is not in 'two.safetensors', where the index says (and 1 more)"},
    {"TensorNotListed", index(R"("a": "one.safetensors", "c": "two.safetensors")"),
     "tensor 'b' is in 'one.safetensors' but not in the index"},
    {"TensorElsewhere",
     index(R"("a": "two.safetensors", "b": "one.safetensors", "c": "two.safetensors")"),
     "tensor 'a' is in 'one.safetensors', but the index says 'two.safetensors'"},
    {"FileMissing", mapWithFile("three.safetensors"),
     "the name of its file, 'three.safetensors', leads to no file in the folder of the model"},
    {"FileNameEmpty", mapWithFile(""), "the name of its file is empty"},
    {"FileNameWithZeroByte", mapWithFile("one\\u0000"), "holds a zero byte"},
    {"FileAbsolute", mapWithFile("/etc/passwd"), "'/etc/passwd', is an absolute path"},
    {"FileAbove", mapWithFile("../secret.safetensors"), "leaves the folder"},
    {"FileAboveBySubfolder", mapWithFile("sub/../../secret.safetensors"), "leaves the folder"},
    {"FileBehindALink", mapWithFile("out/secret.safetensors"),
     "leaves the folder through a symbolic link"},
    {"FileOfAnotherKind", mapWithFile("config.json"), "is no .safetensors file"},
    {"FileIsPickle", mapWithFile("pytorch_model.bin"), "pytorch_model.bin"},
};

class HostileIndex : public testing::TestWithParam<BadText> {};

TEST_P(HostileIndex, GivesOneClearError) {
  ShardedFolder sharded(GetParam().text);
  sharded.folder.write("secret.safetensors", shardOf({"a"}));
  stdfs::create_directories(sharded.folder.path("model/sub"));
  stdfs::create_symlink("..", sharded.folder.path("model/out"));
  EXPECT_THAT(errorOf(sharded.open()),
              AllOf(HasSubstr("model.safetensors.index.json: "), HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(All, HostileIndex, testing::ValuesIn(badIndexes), NameOf);

TEST(HuggingFaceFolder, NamesTheShardThatIsDamaged) {
  ShardedFolder sharded(index(GoodMap));
  sharded.folder.write("model/two.safetensors", "short");
  EXPECT_THAT(errorOf(sharded.open()), HasSubstr("two.safetensors: the file has 5 bytes"));
}

} // namespace
