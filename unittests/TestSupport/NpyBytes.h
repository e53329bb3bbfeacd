// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// .npy files as NumPy writes them.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_NPYBYTES_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_NPYBYTES_H

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace optrun::test {

/// A file of version 1.
inline std::string npy(const std::string &header, const std::string &data) {
  const std::string length = {static_cast<char>(header.size() & 0xFF),
                              static_cast<char>(header.size() >> 8)};
  return "\x93NUMPY" + std::string("\1\0", 2) + length + header + data;
}

inline std::string npyOf(const std::string &descr, const std::string &shape,
                         const std::string &data, const std::string &fortran = "False") {
  return npy("{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape +
                 ", }                    \n",
             data);
}

/// Token ids.
inline std::string npyOfIds(const std::vector<int64_t> &dims, const std::vector<int64_t> &ids) {
  std::string shape = "(";
  for (int64_t extent : dims)
    shape += std::to_string(extent) + ",";
  std::string data(ids.size() * sizeof(int64_t), '\0');
  if (!ids.empty())
    std::memcpy(data.data(), ids.data(), data.size());
  return npyOf("<i8", shape + ")", data);
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_NPYBYTES_H
