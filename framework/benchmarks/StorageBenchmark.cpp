// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Copying a file by range, by reading and writing, and by cp, in the same run on the same disk;
/// and reading through a FileHandle beside memcpy of the same bytes.
///
/// The folder is OPTRUN_BENCH_FOLDER or the current one, and the size of the file OPTRUN_BENCH_MB
/// or 2200: large enough that the page cache cannot hide the disk altogether.

#include "optrun/Storage/OutputFile.h"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace optrun;

extern char **environ;

namespace {

template <typename T> T valueOf(llvm::Expected<T> value) {
  if (!value)
    llvm::report_fatal_error(value.takeError());
  return std::move(*value);
}

void check(llvm::Error error) {
  if (error)
    llvm::report_fatal_error(std::move(error));
}

/// The file that everything here copies, made on first use and removed in the end.
class SourceFile {
public:
  static const SourceFile &get() {
    static SourceFile file;
    return file;
  }

  std::string folder, path, target;
  uint64_t size;

private:
  SourceFile() {
    const char *chosen = std::getenv("OPTRUN_BENCH_FOLDER"),
               *megabytes = std::getenv("OPTRUN_BENCH_MB");
    folder = chosen ? chosen : ".";
    std::string stem = folder + "/optrun-bench-" + std::to_string(::getpid());
    path = stem + ".source";
    target = stem + ".target";
    size = (megabytes ? std::strtoull(megabytes, nullptr, 10) : 2200) << 20;
    OutputFile file = valueOf(OutputFile::create(path));
    std::vector<uint8_t> block(16 << 20);
    for (size_t i = 0; i != block.size(); ++i)
      block[i] = static_cast<uint8_t>(i * 2654435761u >> 24);
    while (file.position() < size)
      check(file.append(llvm::ArrayRef(block).take_front(size - file.position())));
    check(file.close());
    ::sync();
  }
  ~SourceFile() { ::unlink(path.c_str()); }
};

/// A fresh start: no target, and nothing waiting to be written.
void prepare(benchmark::State &state) {
  state.PauseTiming();
  ::unlink(SourceFile::get().target.c_str());
  ::sync();
  state.ResumeTiming();
}

void finish(benchmark::State &state) {
  ::unlink(SourceFile::get().target.c_str());
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * SourceFile::get().size));
}

void runProgram(std::vector<std::string> arguments) {
  std::vector<char *> pointers;
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child;
  int status = 0;
  if (::posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0 ||
      ::waitpid(child, &status, 0) != child || status != 0)
    llvm::report_fatal_error("cannot run the program");
}

void copyByCp(benchmark::State &state) {
  const SourceFile &source = SourceFile::get();
  for (auto _ : state) {
    prepare(state);
    runProgram({"cp", source.path, source.target});
  }
  finish(state);
}
BENCHMARK(copyByCp)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

/// \p pieces output files, as a split has them, at an offset that forbids sharing blocks or at 0.
void copyByRange(benchmark::State &state) {
  const SourceFile &source = SourceFile::get();
  auto file = valueOf(FileHandle::open(source.path));
  CopyMethod method = CopyMethod::KernelCopy;
  for (auto _ : state) {
    prepare(state);
    OutputFile target = valueOf(OutputFile::create(source.target));
    method = valueOf(target.appendRange(*file, 0, source.size));
    check(target.close());
  }
  finish(state);
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  state.counters["peakMiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
  state.SetLabel(method == CopyMethod::Reflink      ? "reflink"
                 : method == CopyMethod::KernelCopy ? "kernel copy"
                                                    : "read and write");
}
BENCHMARK(copyByRange)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

void copyByReadAndWrite(benchmark::State &state) {
  const SourceFile &source = SourceFile::get();
  auto file = valueOf(FileHandle::open(source.path));
  std::vector<uint8_t> block(1 << 20);
  for (auto _ : state) {
    prepare(state);
    OutputFile target = valueOf(OutputFile::create(source.target));
    for (uint64_t offset = 0; offset < source.size; offset += block.size()) {
      llvm::MutableArrayRef<uint8_t> piece(block.data(),
                                           std::min<uint64_t>(block.size(), source.size - offset));
      check(file->read(offset, piece));
      check(target.append(piece));
    }
    check(target.close());
  }
  finish(state);
}
BENCHMARK(copyByReadAndWrite)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

/// Blocks that the page cache holds.
void readBlocks(benchmark::State &state) {
  const SourceFile &source = SourceFile::get();
  auto file = valueOf(FileHandle::open(source.path));
  std::vector<uint8_t> block(state.range(0));
  uint64_t total = std::min<uint64_t>(source.size, 64 << 20);
  for (auto _ : state)
    for (uint64_t offset = 0; offset + block.size() <= total; offset += block.size())
      check(file->read(offset, block));
  state.SetBytesProcessed(
      static_cast<int64_t>(state.iterations() * (total / block.size()) * block.size()));
}
BENCHMARK(readBlocks)->Arg(64 << 10)->Arg(1 << 20)->Arg(16 << 20);

void copyInMemory(benchmark::State &state) {
  std::vector<uint8_t> from(64 << 20, 1), block(state.range(0));
  for (auto _ : state)
    for (size_t offset = 0; offset + block.size() <= from.size(); offset += block.size()) {
      std::memcpy(block.data(), from.data() + offset, block.size());
      benchmark::ClobberMemory();
    }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * from.size()));
}
BENCHMARK(copyInMemory)->Arg(64 << 10)->Arg(1 << 20)->Arg(16 << 20);

/// Many small appends, as a graph's nodes are.
void appendSmall(benchmark::State &state) {
  const SourceFile &source = SourceFile::get();
  std::vector<uint8_t> node(150, 1);
  for (auto _ : state) {
    ::unlink(source.target.c_str());
    OutputFile target = valueOf(OutputFile::create(source.target));
    for (int i = 0; i != 100000; ++i)
      check(target.append(node));
    check(target.close());
  }
  ::unlink(source.target.c_str());
  state.SetItemsProcessed(state.iterations() * 100000);
}
BENCHMARK(appendSmall)->Unit(benchmark::kMillisecond);

} // namespace
