// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Codes, tables and scales as the bytes of tensors.

#include "PaletteStore.h"

#include "optrun/Compression/CodePacking.h"
#include "optrun/IR/ElementWriter.h"

#include <cassert>

using namespace llvm;

namespace optrun::palettize {
namespace {

uint64_t bytesOf(ir::DataType type) { return ir::bitWidth(type) / 8; }

} // namespace

StoredSizes::StoredSizes(const PalettizationJob &job) {
  const PaletteSettings &settings = job.settings;
  const uint64_t number = bytesOf(settings.lut.type);
  indices = packedSize(job.layout.elements(), settings.lut.bits);
  lut = job.groups() * settings.lut.size() * (settings.lut.int8 ? 1 : number);
  lutScales = settings.lut.int8 ? job.groups() * number : 0;
  rowScales = settings.scaleRows ? job.layout.allRows() * number : 0;
}

Expected<PaletteStore> PaletteStore::create(const PalettizationJob &job, Spool &spool) {
  PaletteStore store(job.settings.lut, job.layout.columns);
  const StoredSizes sizes(job);
  for (const auto &[region, size] : {std::pair(&store.indices, sizes.indices),
                                     {&store.lut, sizes.lut},
                                     {&store.lutScales, sizes.lutScales},
                                     {&store.rowScales, sizes.rowScales}})
    if (size != 0)
      if (Error error = spool.reserve(size).moveInto(*region))
        return error;
  return store;
}

Error PaletteStore::writeCodes(uint64_t firstRow, MutableArrayRef<uint8_t> codes) {
  const uint64_t firstBit = firstRow * columns * format.bits;
  assert(firstBit % 8 == 0 && "codes of other rows are in the first byte");
  const auto packed = codes.take_front(packedSize(codes.size(), format.bits));
  packCodes(codes, format.bits, Coding::Unsigned, packed);
  return indices.write(firstBit / 8, packed);
}

Error PaletteStore::writeTables(uint64_t firstGroup, ArrayRef<Lut> tables) {
  const uint64_t number = bytesOf(format.type);
  ir::ElementWriter numbers(format.type, tables.size() * (format.int8 ? 1 : format.size()));
  if (!format.int8) {
    for (const Lut &table : tables)
      for (const float entry : table.entries)
        numbers.append(entry);
    return lut.write(firstGroup * format.size() * number, numbers.take());
  }
  std::vector<uint8_t> integers;
  integers.reserve(tables.size() * format.size());
  for (const Lut &table : tables) {
    integers.insert(integers.end(), table.integers.begin(), table.integers.end());
    numbers.append(table.scale);
  }
  if (Error error = lut.write(firstGroup * format.size(), integers))
    return error;
  return lutScales.write(firstGroup * number, numbers.take());
}

Error PaletteStore::writeRowScales(uint64_t firstRow, ArrayRef<float> scales) {
  ir::ElementWriter numbers(format.type, scales.size());
  for (const float scale : scales)
    numbers.append(scale);
  return rowScales.write(firstRow * bytesOf(format.type), numbers.take());
}

Expected<PalettizedWeight> PaletteStore::finish() const {
  PalettizedWeight weight;
  for (const auto &[region, source] : {std::pair(&indices, &weight.indices),
                                       {&lut, &weight.lut},
                                       {&lutScales, &weight.lutScales},
                                       {&rowScales, &weight.rowScales}})
    if (region->length() != 0)
      if (Error error = region->source().moveInto(*source))
        return error;
  return weight;
}

} // namespace optrun::palettize
