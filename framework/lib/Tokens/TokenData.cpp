// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the ids in a file and divides them into windows, or draws them.

#include "optrun/Tokens/TokenData.h"

#include "optrun/Checkpoint/Npy.h"
#include "optrun/Checkpoint/SafeTensors.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <random>

using namespace llvm;

namespace optrun {
namespace {

std::string namesOf(ArrayRef<ir::TensorRef> tensors) {
  constexpr size_t MaxListed = 8;
  std::string names;
  for (const ir::TensorRef &tensor : tensors.take_front(MaxListed))
    names += (names.empty() ? "'" : ", '") + tensor->name().str() + "'";
  return tensors.size() > MaxListed ? names + ", …" : names;
}

Expected<ir::TensorRef> findInSafeTensors(StringRef path, const std::optional<std::string> &name) {
  Expected<checkpoint::SafeTensorsFile> file = checkpoint::SafeTensorsFile::open(path);
  if (!file)
    return file.takeError();
  if (name) {
    if (ir::TensorRef found = file->find(*name))
      return found;
    return createStringError("'" + path + "' has no tensor '" + *name + "', but " +
                             namesOf(file->tensors()));
  }
  if (file->tensors().size() == 1)
    return file->tensors().front();
  if (file->tensors().empty())
    return createStringError("'" + path + "' holds no tensor");
  return createStringError("'" + path + "' holds several tensors: say with tensor which of them " +
                           "has the ids: " + namesOf(file->tensors()));
}

Expected<ir::TensorRef> findIds(StringRef path, const std::optional<std::string> &name) {
  StringRef extension = sys::path::extension(path);
  if (extension == ".safetensors")
    return findInSafeTensors(path, name);
  if (extension != ".npy")
    return createStringError("'" + path + "' is neither a .safetensors nor an .npy file");
  if (name)
    return createStringError("tensor is for .safetensors files; '" + path + "' has no names");
  return checkpoint::readNpy(path);
}

Error checkIsIds(StringRef path, const ir::Tensor &tensor) {
  if (tensor.dataType() != ir::DataType::Int32 && tensor.dataType() != ir::DataType::Int64)
    return createStringError("'" + path + "' holds " + ir::dataTypeName(tensor.dataType()) +
                             " numbers; token ids are int32 or int64");
  if (tensor.dims().empty() || tensor.dims().size() > 2)
    return createStringError("the ids in '" + path + "' have " + Twine(tensor.dims().size()) +
                             " dimensions; they must be [rows, tokens] or [tokens]");
  if (tensor.elementCount() == 0)
    return createStringError("'" + path + "' holds no token ids");
  return Error::success();
}

} // namespace

Expected<TokenData> TokenData::open(StringRef path, const WindowSelection &selection) {
  TokenData data;
  data.path = path.str();
  if (Error error = findIds(path, selection.tensor).moveInto(data.ids))
    return error;
  if (Error error = checkIsIds(path, *data.ids))
    return error;
  ArrayRef<int64_t> dims = data.ids->dims();
  data.rowTokens = static_cast<size_t>(dims.back());
  data.tokens = selection.window ? static_cast<size_t>(*selection.window) : data.rowTokens;
  if (data.rowTokens < 2)
    return createStringError("the rows in '" + path +
                             "' have one token each; a window has two at " + "least");
  if (data.rowTokens < data.tokens)
    return createStringError("the rows in '" + path + "' have " + Twine(data.rowTokens) +
                             " tokens, too few for a window of " + Twine(data.tokens));
  data.windowsPerRow = data.rowTokens / data.tokens;
  const size_t rows = dims.size() == 1 ? 1 : static_cast<size_t>(dims.front());
  data.windows = rows * data.windowsPerRow; // no more than there are elements
  if (selection.rows)
    data.windows = std::min(data.windows, static_cast<size_t>(*selection.rows));
  data.rest = data.windows / data.windowsPerRow * (data.rowTokens % data.tokens);
  return data;
}

TokenData TokenData::draw(int64_t vocabulary, size_t windows, size_t tokens) {
  TokenData data;
  data.drawnBelow = vocabulary;
  data.windows = windows;
  data.tokens = data.rowTokens = tokens;
  data.windowsPerRow = 1;
  return data;
}

/// The standard says what this generator gives, on every machine.
static std::vector<int64_t> drawWindow(uint64_t seed, size_t tokens, int64_t vocabulary) {
  std::mt19937_64 generator(seed);
  std::vector<int64_t> ids(tokens);
  for (int64_t &id : ids)
    id = static_cast<int64_t>(generator() % static_cast<uint64_t>(vocabulary));
  return ids;
}

uint64_t TokenData::firstToken(size_t window) const {
  return window / windowsPerRow * rowTokens + window % windowsPerRow * tokens;
}

Expected<std::vector<int64_t>> TokenData::read(size_t window) const {
  if (drawnBelow)
    return drawWindow(window, tokens, *drawnBelow);
  const size_t width = ir::bitWidth(ids->dataType()) / 8;
  std::vector<uint8_t> bytes(tokens * width);
  if (Error error = ids->source()->read(firstToken(window) * width, bytes))
    return error;
  std::vector<int64_t> result(tokens);
  for (size_t i = 0; i != tokens; ++i) {
    const uint8_t *at = bytes.data() + i * width;
    result[i] = width == sizeof(int64_t) ? static_cast<int64_t>(support::endian::read64le(at))
                                         : static_cast<int32_t>(support::endian::read32le(at));
  }
  return result;
}

std::string TokenData::describePlace(size_t window, size_t position) const {
  const uint64_t token = firstToken(window) + position;
  return "row " + std::to_string(token / rowTokens) + ", position " +
         std::to_string(token % rowTokens);
}

Error TokenData::checkIds(std::optional<int64_t> vocabulary,
                          function_ref<Error()> beforeWindow) const {
  for (size_t window = 0; window != windows; ++window) {
    if (Error error = beforeWindow())
      return error;
    Expected<std::vector<int64_t>> read = this->read(window);
    if (!read)
      return read.takeError();
    auto wrong = std::find_if(read->begin(), read->end(), [&](int64_t id) {
      return id < 0 || (vocabulary && id >= *vocabulary);
    });
    if (wrong == read->end())
      continue;
    std::string message = "the token id " + std::to_string(*wrong) + " in '" + path + "' (" +
                          describePlace(window, static_cast<size_t>(wrong - read->begin())) + ")";
    if (!vocabulary)
      return createStringError(message + " is negative");
    return createStringError(message + " is not in the model's vocabulary, 0 to " +
                             Twine(*vocabulary - 1));
  }
  return Error::success();
}

} // namespace optrun
