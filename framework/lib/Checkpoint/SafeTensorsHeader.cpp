// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads {"name": {"dtype": "F16", "shape": […], "data_offsets": [begin, end]}, …, "__metadata__":
/// {…}} event by event.

#include "SafeTensorsHeader.h"

#include "JsonEvents.h"

#include "llvm/ADT/StringSet.h"

namespace optrun::checkpoint {
namespace {

/// More than any model has in a single file; a hostile header of 100 MB could name two million.
constexpr size_t MaxTensors = size_t(1) << 20;
/// Names are paths of modules; they go into messages and into every file that is written.
constexpr size_t MaxNameBytes = 4096;
/// What PyTorch and NumPy can have.
constexpr size_t MaxRank = 64;

using ir::DataType;

constexpr std::pair<llvm::StringLiteral, DataType> TypeNames[] = {
    {"BOOL", DataType::Bool},
    {"U8", DataType::UInt8},
    {"I8", DataType::Int8},
    {"U16", DataType::UInt16},
    {"I16", DataType::Int16},
    {"U32", DataType::UInt32},
    {"I32", DataType::Int32},
    {"U64", DataType::UInt64},
    {"I64", DataType::Int64},
    {"F16", DataType::Float16},
    {"BF16", DataType::BFloat16},
    {"F32", DataType::Float32},
    {"F64", DataType::Float64},
    {"C64", DataType::Complex64},
    {"F8_E4M3", DataType::Float8E4M3FN},
    {"F8_E5M2", DataType::Float8E5M2},
    {"F8_E4M3FNUZ", DataType::Float8E4M3FNUZ},
    {"F8_E5M2FNUZ", DataType::Float8E5M2FNUZ},
    {"F8_E8M0", DataType::Float8E8M0},
    {"F4", DataType::Float4E2M1},
    // Of the format, but not of the IR.
    {"F6_E2M3", DataType::Undefined},
    {"F6_E3M2", DataType::Undefined},
};

/// nullopt for names that the format does not have.
std::optional<DataType> typeOf(llvm::StringRef name) {
  for (const auto &[known, type] : TypeNames)
    if (known == name)
      return type;
  return std::nullopt;
}

class HeaderReader final : public JsonEvents {
public:
  SafeTensorsHeader header;

  bool start_object(size_t size) override {
    switch (level) {
    case Level::Outside:
      level = Level::Header;
      return true;
    case Level::Header:
      level = entry.name == "__metadata__" ? Level::Metadata : Level::Tensor;
      keys.clear();
      return true;
    default:
      return JsonEvents::start_object(size);
    }
  }

  bool key(std::string &name) override {
    if (level == Level::Header)
      return startEntry(name);
    if (!keys.insert(name).second)
      return fail(place() + ": the key " + inQuotes(name) + " is there twice");
    lastKey = name;
    if (level == Level::Tensor && name != "dtype" && name != "shape" && name != "data_offsets")
      return fail(place() + ": the key " + inQuotes(name) +
                  " is unknown; there are dtype, shape and data_offsets");
    return true;
  }

  bool string(std::string &value) override {
    if (level == Level::Metadata) {
      header.metadata.emplace_back(lastKey, std::move(value));
      return true;
    }
    if (level == Level::Tensor && lastKey == "dtype")
      return setType(value);
    return JsonEvents::string(value);
  }

  bool start_array(size_t size) override {
    if (level != Level::Tensor || lastKey == "dtype")
      return JsonEvents::start_array(size);
    level = lastKey == "shape" ? Level::Shape : Level::Offsets;
    return true;
  }

  bool number_unsigned(uint64_t value) override {
    if (level == Level::Shape)
      return addDimension(value);
    if (level != Level::Offsets)
      return JsonEvents::number_unsigned(value);
    if (offsets.size() == 2)
      return fail(place() + ": data_offsets has more than two numbers");
    offsets.push_back(value);
    return true;
  }

  bool end_array() override {
    level = Level::Tensor;
    return true;
  }

  bool end_object() override {
    if (level == Level::Tensor && !endEntry())
      return false;
    level = level == Level::Header ? Level::Outside : Level::Header;
    return true;
  }

private:
  /// What the innermost open bracket belongs to.
  enum class Level { Outside, Header, Metadata, Tensor, Shape, Offsets };

  std::string place() const override {
    if (level == Level::Outside)
      return "the header must be an object";
    return entry.name == "__metadata__" ? "__metadata__" : "tensor " + inQuotes(entry.name);
  }

  bool startEntry(const std::string &name) {
    if (!names.insert(name).second)
      return fail(inQuotes(name) + " is there twice");
    entry = {};
    entry.name = name;
    offsets.clear();
    if (name.empty() || name.find('\0') != std::string::npos)
      return fail("a tensor's name is empty or holds a zero byte");
    if (name.size() > MaxNameBytes)
      return fail("the name of a tensor has " + llvm::Twine(name.size()) + " bytes, the limit is " +
                  llvm::Twine(MaxNameBytes) + ": " + inQuotes(name));
    if (header.entries.size() == MaxTensors)
      return fail("it has more than the " + llvm::Twine(MaxTensors) + " tensors that are read");
    return true;
  }

  bool setType(llvm::StringRef name) {
    std::optional<ir::DataType> type = typeOf(name);
    if (!type)
      return fail(place() + ": the type " + inQuotes(name) + " is unknown");
    if (*type == ir::DataType::Undefined)
      return fail(place() + ": elements of type " + name +
                  " are not supported; convert the checkpoint to another type");
    entry.type = *type;
    return true;
  }

  bool addDimension(uint64_t extent) {
    if (extent > static_cast<uint64_t>(INT64_MAX))
      return fail(place() + ": the dimension " + llvm::Twine(extent) + " is too large");
    if (entry.dims.size() == MaxRank)
      return fail(place() + ": it has more than " + llvm::Twine(MaxRank) + " dimensions");
    entry.dims.push_back(static_cast<int64_t>(extent));
    return true;
  }

  bool endEntry() {
    for (const char *field : {"dtype", "shape", "data_offsets"})
      if (!keys.contains(field))
        return fail(place() + ": it has no " + field);
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      return fail(place() + ": data_offsets must be two numbers, begin and end");
    std::tie(entry.begin, entry.end) = std::pair(offsets[0], offsets[1]);
    if (!checkSize())
      return false;
    header.entries.push_back(std::move(entry));
    return true;
  }

  bool checkSize() {
    // A zero does not excuse the other extents: no writer has such a shape.
    uint64_t bits = ir::bitWidth(entry.type);
    for (int64_t extent : entry.dims)
      if (extent != 0 && __builtin_mul_overflow(bits, static_cast<uint64_t>(extent), &bits))
        return fail(place() + ": its shape has too many elements");
    if (llvm::is_contained(entry.dims, 0))
      bits = 0;
    if (bits % 8 != 0)
      return fail(place() + ": its elements do not fill whole bytes");
    if (bits / 8 != entry.end - entry.begin)
      return fail(place() + ": its shape and type (" + ir::dataTypeName(entry.type) + ") need " +
                  llvm::Twine(bits / 8) + " bytes, its data has " +
                  llvm::Twine(entry.end - entry.begin));
    return true;
  }

  Level level = Level::Outside;
  llvm::StringSet<> names, keys; // of the header, and of the object in it
  std::string lastKey;
  SafeTensorsEntry entry;
  llvm::SmallVector<uint64_t, 2> offsets;
};

} // namespace

llvm::StringRef safeTensorsTypeName(DataType type) {
  for (const auto &[name, known] : TypeNames)
    if (known == type && type != DataType::Undefined)
      return name;
  return "";
}

llvm::Expected<SafeTensorsHeader> parseSafeTensorsHeader(llvm::StringRef text) {
  // Readers in use insist on the brace, so that whitespace cannot hide another format.
  if (!text.starts_with("{"))
    return makeError("its header does not begin with '{': this is no safetensors file");
  HeaderReader reader;
  if (llvm::Error error = reader.read(text))
    return inPlace("in the header", std::move(error));
  return std::move(reader.header);
}

} // namespace optrun::checkpoint
