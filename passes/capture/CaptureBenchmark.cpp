// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Everything that capture does, for files of 10³ to 10⁵ nodes.

#include "LayeredModel.h"
#include "ModelFile.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Onnx/Checks.h"
#include "optrun/Onnx/OnnxReader.h"
#include "optrun/Onnx/OnnxWriter.h"

#include <benchmark/benchmark.h>
#include <filesystem>
#include <stdlib.h>

using namespace optrun;

namespace {

void captureModel(benchmark::State &state) {
  std::string folder = (std::filesystem::temp_directory_path() / "optrun-bench-XXXXXX").string();
  if (!mkdtemp(folder.data())) {
    state.SkipWithError("no temporary folder");
    return;
  }
  {
    OutputFile file = llvm::cantFail(OutputFile::create(folder + "/model.onnx"));
    llvm::cantFail(onnx::writeModel(*makeLayeredModel(state.range(0)), file));
    llvm::cantFail(file.close());
  }
  CaptureOptions options;
  options.model.path = folder;
  for (auto _ : state) {
    const std::string path = llvm::cantFail(findModel(options)).path;
    onnx::ReadResult model = llvm::cantFail(onnx::readModel(path));
    llvm::cantFail(model.component->graph.sortTopologically());
    llvm::cantFail(onnx::inferShapes(*model.component));
    Dataflow flow = llvm::cantFail(Dataflow::build(model.component->graph));
    recoverModuleHierarchy(*model.component, flow);
    benchmark::DoNotOptimize(llvm::cantFail(findRepeatedBlock(*model.component, flow)));
  }
  std::filesystem::remove_all(folder);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

BENCHMARK(captureModel)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

} // namespace
