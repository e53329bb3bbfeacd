// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which file is the model, and what is refused before it is read.

#include "ModelFile.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include "optrun/Results/Manifest.h"

#include <unistd.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

class ModelFile : public testing::Test {
protected:
  llvm::Expected<ModelLocation> locate(const std::string &name) {
    options.model.path = folder.path(name);
    return findModel(options);
  }
  /// The file of an ONNX model.
  llvm::Expected<std::string> find(const std::string &name) {
    llvm::Expected<ModelLocation> found = locate(name);
    if (!found)
      return found.takeError();
    EXPECT_EQ(found->kind, ModelLocation::Kind::Onnx);
    return found->path;
  }
  std::string findCheckpoint(const std::string &name) {
    const ModelLocation found = valueOf(locate(name));
    EXPECT_EQ(found.kind, ModelLocation::Kind::Checkpoint);
    return found.path;
  }

  TemporaryFolder folder;
  CaptureOptions options;
};

TEST_F(ModelFile, AFileIsItself) {
  const std::string file = folder.write("m.onnx", "any bytes");
  EXPECT_EQ(valueOf(find("m.onnx")), file);
}

TEST_F(ModelFile, AFolderHoldsOneModel) {
  const std::string file = folder.write("repo/decoder.onnx", "");
  folder.write("repo/decoder.onnx.data", "");
  folder.write("repo/config.json", "{}");
  EXPECT_EQ(valueOf(find("repo")), file);
}

TEST_F(ModelFile, ModelOnnxIsPreferred) {
  const std::string file = folder.write("repo/model.onnx", "");
  folder.write("repo/model_quantized.onnx", "");
  EXPECT_EQ(valueOf(find("repo")), file);
}

TEST_F(ModelFile, SymbolicLinksAreFollowed) {
  folder.write("blobs/abc", "bytes");
  folder.write("snapshot/README.md", "");
  std::filesystem::create_symlink("../blobs/abc", folder.path("snapshot/model.onnx"));
  EXPECT_EQ(valueOf(find("snapshot")), folder.path("snapshot/model.onnx"));
}

TEST_F(ModelFile, SeveralModelsNeedAName) {
  folder.write("repo/a.onnx", "");
  folder.write("repo/b.onnx", "");
  EXPECT_THAT(errorOf(find("repo")),
              AllOf(HasSubstr("holds several models and none called model.onnx"),
                    HasSubstr("name one: a.onnx, b.onnx")));
  for (int i = 0; i < 10; ++i)
    folder.write("repo/c" + std::to_string(i) + ".onnx", "");
  EXPECT_THAT(errorOf(find("repo")), HasSubstr(", and 4 more"));
}

TEST_F(ModelFile, Checkpoints) {
  folder.write("checkpoint/model.safetensors", "");
  folder.write("checkpoint/config.json", "{}");
  folder.write("ggufs/model.Q4_0.gguf", "GGUF");
  folder.write("disguised.onnx", "GGUF....");
  EXPECT_EQ(findCheckpoint("checkpoint"), folder.path("checkpoint"));
  EXPECT_EQ(findCheckpoint("checkpoint/model.safetensors"), folder.path("checkpoint"));
  EXPECT_EQ(findCheckpoint("checkpoint/config.json"), folder.path("checkpoint"));
  EXPECT_EQ(findCheckpoint("ggufs"), folder.path("ggufs"));
  EXPECT_EQ(findCheckpoint("ggufs/model.Q4_0.gguf"), folder.path("ggufs/model.Q4_0.gguf"));
  EXPECT_EQ(findCheckpoint("disguised.onnx"), folder.path("disguised.onnx"));
}

TEST_F(ModelFile, OnnxComesBeforeTheCheckpointThatItWasMadeFrom) {
  const std::string file = folder.write("repo/model.onnx", "");
  folder.write("repo/model.safetensors", "");
  folder.write("repo/config.json", "{}");
  EXPECT_EQ(valueOf(find("repo")), file);
  options.format = CaptureOptions::Format::HuggingFace;
  EXPECT_EQ(findCheckpoint("repo"), folder.path("repo"));
}

/// With `external-data: shared` into the checkpoint's own folder.
TEST_F(ModelFile, TheCheckpointComesBeforeWhatWasExportedFromIt) {
  Manifest manifest;
  manifest.files = {{"split_0.onnx", 1}, {"split_1.onnx", 1}, {"model.onnx", 1}};
  for (const Manifest::File &file : manifest.files)
    folder.write("repo/" + file.file, "");
  folder.write("repo/manifest.json", printManifest(manifest));
  folder.write("repo/config.json", "{}");
  EXPECT_EQ(valueOf(find("repo")), folder.path("repo/model.onnx")) << "no weights, no checkpoint";
  folder.write("repo/model.safetensors", "");
  EXPECT_EQ(findCheckpoint("repo"), folder.path("repo"));

  manifest.files.push_back({"model.safetensors", 1});
  folder.write("repo/manifest.json", printManifest(manifest));
  EXPECT_EQ(valueOf(find("repo")), folder.path("repo/model.onnx")) << "all of it is a result";
  manifest.files.pop_back();
  folder.write("repo/manifest.json", printManifest(manifest));

  folder.write("repo/theirs.onnx", "");
  EXPECT_EQ(valueOf(find("repo")), folder.path("repo/theirs.onnx")) << "which export did not write";
  folder.write("repo/manifest.json", R"({"name": "somebody's"})");
  EXPECT_EQ(valueOf(find("repo")), folder.path("repo/model.onnx"));

  options.format = CaptureOptions::Format::Onnx;
  folder.write("repo/manifest.json", printManifest(manifest));
  EXPECT_EQ(valueOf(find("repo")), folder.path("repo/model.onnx"));
}

TEST_F(ModelFile, OtherKindsOfModelsAreNamed) {
  folder.write("empty/README.md", "");
  folder.write("pytorch_model.bin", "PK");
  folder.write("zip.onnx", "PK\3\4....");
  EXPECT_THAT(errorOf(locate("empty")),
              AllOf(HasSubstr("there is no .onnx file in"), HasSubstr("and no checkpoint")));
  EXPECT_THAT(errorOf(locate("pytorch_model.bin")),
              HasSubstr("is a PyTorch checkpoint; convert it to safetensors"));
  EXPECT_THAT(errorOf(locate("zip.onnx")), HasSubstr("is a zip archive"));
}

TEST_F(ModelFile, TheFormatOverrulesTheName) {
  const std::string file = folder.write("weights.bin", "bytes");
  options.format = CaptureOptions::Format::Onnx;
  EXPECT_EQ(valueOf(find("weights.bin")), file);
  options.format = CaptureOptions::Format::Gguf;
  EXPECT_EQ(findCheckpoint("weights.bin"), file);
}

TEST_F(ModelFile, WhatCannotBeOpened) {
  EXPECT_THAT(errorOf(find("missing.onnx")),
              AllOf(HasSubstr("missing.onnx"), HasSubstr("No such file")));
  std::filesystem::create_symlink("nowhere", folder.path("dangling.onnx"));
  EXPECT_THAT(errorOf(find("dangling.onnx")), HasSubstr("No such file"));
  folder.write("locked.onnx", "bytes");
  std::filesystem::permissions(folder.path("locked.onnx"), std::filesystem::perms::none);
  if (geteuid() != 0) {
    EXPECT_THAT(errorOf(find("locked.onnx")), HasSubstr("locked.onnx"));
  }
}

TEST_F(ModelFile, MaxFileSize) {
  folder.write("m.onnx", std::string(2048, 'x'));
  options.maxFileSize = ByteSize{2048};
  EXPECT_EQ(valueOf(find("m.onnx")), folder.path("m.onnx"));
  options.maxFileSize = ByteSize{2000};
  EXPECT_THAT(errorOf(find("m.onnx")),
              HasSubstr("has 2.05 KB, more than max-file-size allows (2KB)"));
}

TEST(ComponentName, IsThatOfTheFile) {
  EXPECT_EQ(componentName("/a/b/encoder.onnx"), "encoder");
  EXPECT_EQ(componentName("/a/b/model.v2.onnx"), "model.v2");
  EXPECT_EQ(componentName("/a/b/weights.bin"), "weights.bin");
  EXPECT_EQ(componentName("/a/b/.onnx"), "model");
}

} // namespace
