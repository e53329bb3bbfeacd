// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The steps of compression. The whole model is changed along with the components that it was
/// divided into, so that verify can compare them.

#include "optrun/Transforms/CompressPackage.h"

#include "optrun/Compression/PositionTable.h"
#include "optrun/Results/ReferenceModel.h"
#include "optrun/Results/SplitPlan.h"
#include "optrun/Transforms/OpsetConversion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;

namespace optrun {
namespace {

/// Weights that are left for reasons of their own and named one by one.
constexpr size_t MostNamed = 10;

class PackageCompressor {
public:
  PackageCompressor(ir::Package &package, const CompressionRequest &request,
                    WeightCompression &compression, PassContext &context)
      : package(package), request(request), compression(compression), context(context) {}

  Expected<std::vector<CompressedWeight>> run() {
    if (Error error = copyWholeModel(package).moveInto(reference))
      return error;
    for (const std::unique_ptr<ir::Component> &component : package.components)
      components.push_back(component.get());
    components.push_back(reference.get());
    if (Error error = makePlans())
      return error;
    if (Error error = raiseVersions())
      return error;
    if (Error error = compression.compress(plans, context))
      return error;
    for (const auto &[weight, plan] : zip_equal(planned, plans))
      record(*weight, *plan);
    for (ir::Component *component : components)
      if (Error error = rewrite(*component))
        return error;
    importAlike();
    sayWhatIsLeft();
    leaveReference();
    updateSplitPlan();
    return std::move(report);
  }

private:
  Error makePlans() {
    planned.clear();
    plans.clear();
    weights = findWeights(components);
    Expected<std::vector<WeightChoice>> choices = chooseWeights(weights.found, request.selection);
    if (!choices)
      return choices.takeError();
    for (const auto &[weight, choice] : zip_equal(weights.found, *choices)) {
      if (!choice.isSelected)
        continue;
      if (Error error = plan(weight, choice.rule))
        return error;
    }
    return Error::success();
  }

  Error plan(const Weight &weight, std::optional<size_t> rule) {
    if (!rule) {
      Expected<bool> isComputed = isPositionTable(weight);
      if (!isComputed)
        return isComputed.takeError();
      if (*isComputed) {
        weights.left.push_back({weight.names.front(), "holds sines and cosines of positions",
                                weight.layout.elements()});
        return Error::success();
      }
    }
    Expected<std::unique_ptr<CompressionPlan>> plan = compression.plan(weight, rule);
    if (!plan)
      return plan.takeError();
    if (*plan) {
      planned.push_back(&weight);
      plans.push_back(std::move(*plan));
    }
    return Error::success();
  }

  /// All components alike, as when the model is divided afterwards. Nodes may be replaced on the
  /// way, so that weights are looked for again.
  Error raiseVersions() {
    if (plans.empty())
      return Error::success();
    int64_t version = 0, irVersion = 0;
    for (const std::unique_ptr<CompressionPlan> &plan : plans) {
      version = std::max(version, plan->opset());
      irVersion = std::max(irVersion, plan->irVersion());
    }
    bool changed = false;
    for (ir::Component *component : components) {
      raiseIrVersion(*component, irVersion);
      const int64_t before = component->opsetVersion("").value_or(0);
      if (before >= version)
        continue;
      if (Error error = convertOpset(*component, version))
        return createStringError(request.participle + " weights need opset " + Twine(version) +
                                 ", and the model has " + Twine(before) + ": " +
                                 toString(std::move(error)));
      if (component != reference.get())
        context.remark("raised the opset of " + component->name + " from " + Twine(before) +
                       " to " + Twine(version));
      changed = true;
    }
    return changed ? makePlans() : Error::success();
  }

  void record(const Weight &weight, const CompressionPlan &plan) {
    const std::string &name = weight.names.front();
    const CompressionErrors errors = plan.errors();
    if (errors.nonFiniteValues != 0)
      return context.warning("'" + name + "' stays as it is: " + Twine(errors.nonFiniteValues) +
                             " of its values are infinite or NaN");
    if (weight.uses.front().component == reference.get())
      return; // no component has it
    report.push_back({name, groupOf(weight), plan.format(), weight.layout.elements(),
                      weight.tensor->byteSize(), plan.storedBytes(), errors.squaredError,
                      errors.squaredWeight});
    plan.report(name, context);
  }

  /// In the order in which the component has the weights, which a split does not change.
  Error rewrite(ir::Component &component) {
    StringMap<size_t> placeOf;
    for (const auto &[place, value] : enumerate(component.graph.initializers()))
      placeOf[value->name()] = place;
    struct Change {
      size_t place;
      const CompressionPlan *plan;
      ArrayRef<WeightUse> uses;
    };
    std::vector<Change> changes;
    for (const auto &[weight, plan] : zip_equal(planned, plans)) {
      const ArrayRef<WeightUse> uses =
          ArrayRef(weight->uses)
              .drop_until([&](const WeightUse &use) { return use.component == &component; })
              .take_while([&](const WeightUse &use) { return use.component == &component; });
      size_t place = placeOf.size();
      for (const std::string &name : weight->names)
        if (auto found = placeOf.find(name); found != placeOf.end())
          place = std::min(place, found->second);
      if (!uses.empty() && plan->errors().nonFiniteValues == 0)
        changes.push_back({place, plan.get(), uses});
    }
    stable_sort(changes,
                [](const auto &one, const auto &other) { return one.place < other.place; });
    ComponentEditor editor(component);
    for (const Change &change : changes)
      if (Error error = change.plan->rewrite(change.uses, editor))
        return error;
    editor.eraseUnusedConstants();
    return Error::success();
  }

  /// A component without weights imports what the others do, as when the model is divided
  /// afterwards.
  void importAlike() {
    for (const std::unique_ptr<ir::Component> &component : package.components)
      for (const ir::OpsetImport &opset : reference->opsets)
        if (!component->opsetVersion(opset.domain))
          component->opsets.push_back(opset);
  }

  void sayWhatIsLeft() {
    size_t named = 0, others = 0;
    for (const UncompressedWeight &left : weights.left)
      if (left.elements < request.selection.minElements)
        continue;
      else if (named++ < MostNamed)
        context.remark("'" + left.name + "' stays as it is: it " + left.reason);
      else
        ++others;
    if (others != 0)
      context.remark(Twine(others) + " more weights stay as they are");
    if (report.empty())
      context.warning("no weight was " + request.participle);
  }

  void leaveReference() {
    auto attachment = std::make_unique<ReferenceModel>();
    if (const auto *before = package.attachments.get<ReferenceModel>())
      attachment->changedBy = before->changedBy;
    attachment->changedBy.push_back(request.pass.str());
    attachment->graph = std::move(reference);
    package.attachments.set(std::move(attachment));
  }

  /// Components of a package that is split already hold less than was planned.
  void updateSplitPlan() {
    const auto *before = package.attachments.get<SplitPlan>();
    if (!before)
      return;
    auto plan = std::make_unique<SplitPlan>(*before);
    for (SplitPlan::Part &part : plan->parts)
      for (const std::unique_ptr<ir::Component> &component : package.components)
        if (component->name == part.component)
          part.plannedBytes = ir::weightBytes(*component);
    package.attachments.set(std::move(plan));
  }

  ir::Package &package;
  const CompressionRequest &request;
  WeightCompression &compression;
  PassContext &context;
  std::unique_ptr<ir::Component> reference;
  std::vector<ir::Component *> components; // the reference is the last
  Weights weights;
  std::vector<const Weight *> planned; // with a plan for each
  std::vector<std::unique_ptr<CompressionPlan>> plans;
  std::vector<CompressedWeight> report;
};

} // namespace

CompressionPlan::~CompressionPlan() = default;
void CompressionPlan::report(StringRef, PassContext &) const {}
WeightCompression::~WeightCompression() = default;

Expected<std::vector<CompressedWeight>> compressPackage(ir::Package &package,
                                                        const CompressionRequest &request,
                                                        WeightCompression &compression,
                                                        PassContext &context) {
  return PackageCompressor(package, request, compression, context).run();
}

} // namespace optrun
