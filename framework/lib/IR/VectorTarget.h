// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A second version of a loop for the wider vectors that nearly every x86-64 processor has, chosen
/// at run time. The arithmetic is the same, so the results are, bit by bit: no fused operations.

#ifndef OPTRUN_LIB_IR_VECTORTARGET_H
#define OPTRUN_LIB_IR_VECTORTARGET_H

#ifdef __x86_64__
#define OPTRUN_VECTOR_TARGET [[gnu::target("avx2,f16c")]]
#else
#define OPTRUN_VECTOR_TARGET
#endif

namespace optrun::ir {

/// Whether functions marked OPTRUN_VECTOR_TARGET may be called.
inline bool hasVectorTarget() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
#else
  return true;
#endif
}

} // namespace optrun::ir

#endif // OPTRUN_LIB_IR_VECTORTARGET_H
