// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of cost-estimate.

#ifndef OPTRUN_PASSES_COSTESTIMATE_OPTIONS_H
#define OPTRUN_PASSES_COSTESTIMATE_OPTIONS_H

#include "optrun/Options/Options.h"
#include "optrun/Results/CostCsv.h"

namespace optrun {

struct CostEstimateOptions {
  CostPrecision precision = CostPrecision::Keep;
  int64_t batch = 1;
  int64_t sequence = 1;
  int64_t context = 0;
  std::optional<FilePath> output;
  CostColumns format = CostColumns::All;

  static void bind(OptionBinder<CostEstimateOptions> &bind) {
    using O = CostEstimateOptions;
    constexpr int64_t Most = int64_t(1) << 30;
    bind.option("precision", &O::precision,
                "What a parameter takes in num_bytes. The other columns are about the model as it "
                "is.")
        .values({{"keep", CostPrecision::Keep, "as it is stored"},
                 {"fp32", CostPrecision::Fp32, "4 bytes"},
                 {"fp16", CostPrecision::Fp16, "2 bytes"},
                 {"int8", CostPrecision::Int8, "1 byte"},
                 {"int4", CostPrecision::Int4, "half a byte, without scales and zero points"}});
    bind.option("batch", &O::batch, "Sequences in one run of the model.").range(1, Most);
    bind.option("sequence", &O::sequence, "Tokens of each sequence in one run.").range(1, Most);
    bind.option("context", &O::context,
                "Tokens of each sequence that are in the KV cache before the run.")
        .range(0, Most);
    bind.option("output", &O::output,
                "The CSV file to write. A cost model that is there already is replaced, any other "
                "file is an error.")
        .nonEmpty();
    bind.option("format", &O::format, "Which columns the file has.")
        .values({{"all", CostColumns::All, "the published four first, then ours"},
                 {"published", CostColumns::Published,
                  "module, num_params, num_bytes and num_flops, for tools that take no others"}});
  }
};

} // namespace optrun

#endif // OPTRUN_PASSES_COSTESTIMATE_OPTIONS_H
