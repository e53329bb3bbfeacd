// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of split-by-count.

#ifndef OPTRUN_PASSES_SPLITBYCOUNT_OPTIONS_H
#define OPTRUN_PASSES_SPLITBYCOUNT_OPTIONS_H

#include "optrun/Options/Options.h"

namespace optrun {

struct SplitByCountOptions {
  enum class Balance { Layers, Bytes };

  int64_t splits = 0;
  std::string block = "auto";
  Balance balance = Balance::Layers;
  bool separateEmbeddings = false;
  bool separateHead = false;

  static void bind(OptionBinder<SplitByCountOptions> &bind) {
    using O = SplitByCountOptions;
    bind.option(
            "splits", &O::splits,
            "Number of components that the layers are divided into. Components of their own for "
            "embeddings and head come on top.")
        .required()
        .range(1, 65536);
    bind.option("block", &O::block,
                "Module path of the repeated block, whose numbered members are the layers "
                "(model.layers), or auto for the one with the most layers.")
        .nonEmpty();
    bind.option("balance", &O::balance, "What is made equal among the components.")
        .values(
            {{"layers", Balance::Layers,
              "layers; where they do not divide evenly, the first components get one more"},
             {"bytes", Balance::Bytes,
              "weight bytes, embeddings and head included: the largest component is as small as "
              "whole layers allow"}});
    bind.option(
        "separate-embeddings", &O::separateEmbeddings,
        "Puts the embeddings, and the masks and position tables that several layers share, "
        "into a component of their own before the layers; otherwise they are in the first.");
    bind.option("separate-head", &O::separateHead,
                "Puts what follows the last layer into a component of its own; otherwise it is in "
                "the last.");
  }
};

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYCOUNT_OPTIONS_H
