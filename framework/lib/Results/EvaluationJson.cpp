// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Figures of an evaluation as JSON.

#include "EvaluationJson.h"

#include <limits>

namespace optrun {
namespace {

constexpr double Infinity = std::numeric_limits<double>::infinity();

void add(Json &json, const char *key, const std::optional<double> &figure) {
  if (figure)
    json[key] = *figure < Infinity ? Json(*figure) : Json(nullptr);
}

std::optional<double> readFigure(JsonObjectReader &reader, const char *key) {
  if (reader.isNull(key))
    return Infinity;
  return reader.has(key) ? std::optional(reader.number(key)) : std::nullopt;
}

Json modelToJson(const ModelFigures &model) {
  Json json = {{"name", model.name}};
  add(json, "perplexity", model.perplexity);
  if (model.speed) {
    json["load_seconds"] = model.speed->loadSeconds;
    json["tokens_per_second"] = model.speed->tokensPerSecond;
    json["memory_bytes"] = model.speed->memoryBytes;
  }
  return json;
}

ModelFigures readModel(JsonObjectReader reader) {
  ModelFigures model;
  model.name = reader.text("name");
  model.perplexity = readFigure(reader, "perplexity");
  if (reader.has("load_seconds"))
    model.speed = SpeedFigures{reader.number("load_seconds"), reader.number("tokens_per_second"),
                               reader.count("memory_bytes")};
  return model;
}

} // namespace

Json toJson(const EvaluationFigures &figures) {
  Json json = {{"data", figures.data},
               {"windows", figures.windows},
               {"window_tokens", figures.windowTokens},
               {"scored_tokens", figures.scoredTokens()},
               {"model", modelToJson(figures.model)}};
  if (figures.reference)
    json["reference"] = modelToJson(*figures.reference);
  add(json, "top1_agreement", figures.agreement);
  add(json, "kl_divergence", figures.divergence);
  add(json, "max_absolute_error", figures.maxAbsoluteError);
  add(json, "max_relative_error", figures.maxRelativeError);
  return json;
}

EvaluationFigures readEvaluation(JsonObjectReader reader) {
  EvaluationFigures figures;
  figures.data = reader.text("data");
  figures.windows = reader.count("windows");
  figures.windowTokens = reader.count("window_tokens");
  figures.model = readModel(reader.object("model"));
  if (reader.has("reference"))
    figures.reference = readModel(reader.object("reference"));
  figures.agreement = readFigure(reader, "top1_agreement");
  figures.divergence = readFigure(reader, "kl_divergence");
  figures.maxAbsoluteError = readFigure(reader, "max_absolute_error");
  figures.maxRelativeError = readFigure(reader, "max_relative_error");
  return figures;
}

} // namespace optrun
