// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The steps of quantize. The whole model is changed along with the components that it was divided
/// into, so that verify can compare them.

#include "PackageQuantizer.h"

#include "forms/Form.h"

#include "optrun/Compression/PositionTable.h"
#include "optrun/Compression/WeightSelection.h"
#include "optrun/Results/Importance.h"
#include "optrun/Results/ReferenceModel.h"
#include "optrun/Results/SplitPlan.h"
#include "optrun/Transforms/OpsetConversion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;

namespace optrun::quantize {
namespace {

/// Weights that are left for reasons of their own and named one by one.
constexpr size_t MostNamed = 10;

/// A weight, what it will be, and what came of it.
struct Plan {
  const Weight *weight;
  WeightSettings settings;
  const Form *form;
  QuantizationJob job;
};

/// What stores integers of so many bits, and constants that are no inputs.
int64_t irVersionFor(unsigned bits) { return bits == 2 ? 13 : bits == 4 ? 10 : 4; }

class PackageQuantizer {
public:
  PackageQuantizer(ir::Package &package, const QuantizeOptions &options, PassContext &context)
      : package(package), options(options), context(context),
        special(options.kind == Kind::Dynamic
                    ? makeDynamicForm()
                    : makeOperatorForm(options.accuracyLevel.value_or(0))),
        standard(makeDequantizeForm()) {}

  Expected<std::vector<CompressedWeight>> run() {
    if (Error error = copyWholeModel(package).moveInto(reference))
      return error;
    for (const std::unique_ptr<ir::Component> &component : package.components)
      components.push_back(component.get());
    components.push_back(reference.get());
    if (Error error = makePlans())
      return error;
    if (Error error = raiseOpsets())
      return error;
    std::vector<QuantizationJob> jobs;
    for (const Plan &plan : plans)
      jobs.push_back(plan.job);
    Expected<std::vector<QuantizedWeight>> results = quantizeWeights(jobs, context);
    if (!results)
      return results.takeError();
    if (Error error = rewriteAll(*results))
      return error;
    sayWhatIsLeft();
    leaveReference();
    updateSplitPlan();
    return std::move(report);
  }

private:
  Error makePlans() {
    plans.clear();
    weights = findWeights(components);
    Expected<std::vector<WeightChoice>> choices = chooseWeights(weights.found, selection());
    if (!choices)
      return choices.takeError();
    for (const auto &[weight, choice] : zip_equal(weights.found, *choices)) {
      const QuantizeRule *rule = choice.rule ? &options.rules[*choice.rule] : nullptr;
      if (!choice.isSelected || (rule && rule->skip))
        continue;
      Expected<bool> isComputed = isPositionTable(weight);
      if (!isComputed)
        return isComputed.takeError();
      if (*isComputed && !rule) {
        weights.left.push_back({weight.names.front(), "holds sines and cosines of positions",
                                weight.layout.elements()});
        continue;
      }
      if (Error error = plan(weight, settingsFor(options, rule)))
        return error;
    }
    return Error::success();
  }

  WeightSelection selection() const {
    WeightSelection selection{
        options.include, options.exclude, {}, static_cast<uint64_t>(options.minElements)};
    for (const QuantizeRule &rule : options.rules)
      selection.rules.push_back(rule.match);
    return selection;
  }

  Error plan(const Weight &weight, const WeightSettings &settings) {
    const bool isSpecial = (options.kind == Kind::Dynamic || options.format == Format::Operator) &&
                           special->takes(weight, settings);
    const Form *form = isSpecial ? special.get() : standard.get();
    Plan plan{&weight, settings, form, form->job(weight, settings)};
    if (settings.method == Method::Search)
      if (Error error = importanceOf(weight).moveInto(plan.job.importance))
        return error;
    plans.push_back(std::move(plan));
    return Error::success();
  }

  Expected<ArrayRef<float>> importanceOf(const Weight &weight) const {
    if (const auto *importance = package.attachments.get<Importance>())
      for (const std::string &name : weight.names) {
        Expected<ArrayRef<float>> found = importance->find(name, weight.layout.columns);
        if (!found || !found->empty())
          return found;
      }
    return ArrayRef<float>();
  }

  /// All components alike, as when the model is divided afterwards. Nodes may be replaced on the
  /// way, so that weights are looked for again.
  Error raiseOpsets() {
    if (plans.empty())
      return Error::success();
    int64_t version = 0, irVersion = 0;
    for (const Plan &plan : plans) {
      version = std::max(version, plan.form->opset(*plan.weight, plan.job));
      irVersion = std::max(irVersion, irVersionFor(plan.job.grid.bits));
    }
    bool changed = false;
    for (ir::Component *component : components) {
      raiseIrVersion(*component, irVersion);
      const int64_t before = component->opsetVersion("").value_or(0);
      if (before >= version)
        continue;
      if (Error error = convertOpset(*component, version))
        return createStringError("quantized weights need opset " + Twine(version) +
                                 ", and the model has " + Twine(before) + ": " +
                                 toString(std::move(error)));
      if (component != reference.get())
        context.remark("raised the opset of " + component->name + " from " + Twine(before) +
                       " to " + Twine(version));
      changed = true;
    }
    return changed ? makePlans() : Error::success();
  }

  Error rewriteAll(ArrayRef<QuantizedWeight> results) {
    for (const auto &[plan, result] : zip_equal(plans, results))
      if (result.errors.nonFiniteValues == 0)
        record(plan, result.errors);
      else
        context.warning("'" + plan.weight->names.front() +
                        "' stays as it is: " + Twine(result.errors.nonFiniteValues) +
                        " of its values are infinite or NaN");
    for (ir::Component *component : components)
      if (Error error = rewrite(*component, results))
        return error;
    return Error::success();
  }

  /// In the order in which the component has the weights, which a split does not change.
  Error rewrite(ir::Component &component, ArrayRef<QuantizedWeight> results) {
    StringMap<size_t> placeOf;
    for (const auto &[place, value] : enumerate(component.graph.initializers()))
      placeOf[value->name()] = place;
    struct Change {
      size_t place, plan;
      ArrayRef<WeightUse> uses;
    };
    std::vector<Change> changes;
    for (const auto &[index, plan] : enumerate(plans)) {
      const ArrayRef<WeightUse> uses =
          ArrayRef(plan.weight->uses)
              .drop_until([&](const WeightUse &use) { return use.component == &component; })
              .take_while([&](const WeightUse &use) { return use.component == &component; });
      size_t place = placeOf.size();
      for (const std::string &name : plan.weight->names)
        if (auto found = placeOf.find(name); found != placeOf.end())
          place = std::min(place, found->second);
      if (!uses.empty() && results[index].errors.nonFiniteValues == 0)
        changes.push_back({place, index, uses});
    }
    stable_sort(changes,
                [](const auto &one, const auto &other) { return one.place < other.place; });
    ComponentEditor editor(component);
    for (const Change &change : changes) {
      const Plan &plan = plans[change.plan];
      if (Error error =
              plan.form->rewrite(*plan.weight, change.uses, plan.job, results[change.plan], editor))
        return error;
    }
    editor.eraseUnusedConstants();
    return Error::success();
  }

  void record(const Plan &plan, const BlockErrors &errors) {
    const Weight &weight = *plan.weight;
    if (weight.uses.front().component == reference.get())
      return; // no component has it
    report.push_back({weight.names.front(), groupOf(weight), plan.settings.describe(),
                      weight.layout.elements(), weight.tensor->byteSize(), plan.job.storedBytes(),
                      errors.squaredError, errors.squaredWeight});
    const std::string of = " in '" + weight.names.front() + "'";
    if (errors.clampedScales != 0)
      context.warning(Twine(errors.clampedScales) + " scales are too large for half precision" +
                      of + ": the values are cut off");
    if (errors.subnormalScales != 0)
      context.remark(Twine(errors.subnormalScales) +
                     " scales are too small to be exact (subnormal)" + of);
    if (plan.form == standard.get() && options.format == Format::Operator)
      withoutOperator.push_back(weight.names.front());
  }

  void sayWhatIsLeft() {
    size_t named = 0, others = 0;
    for (const UncompressedWeight &left : weights.left)
      if (left.elements < static_cast<uint64_t>(options.minElements))
        continue;
      else if (named++ < MostNamed)
        context.remark("'" + left.name + "' stays as it is: it " + left.reason);
      else
        ++others;
    if (others != 0)
      context.remark(Twine(others) + " more weights stay as they are");
    if (!withoutOperator.empty())
      context.remark(Twine(withoutOperator.size()) +
                     " weights have no operator of com.microsoft and are read by "
                     "DequantizeLinear, '" +
                     withoutOperator.front() + "' for one");
    if (report.empty())
      context.warning("no weight was quantized");
  }

  void leaveReference() {
    auto attachment = std::make_unique<ReferenceModel>();
    if (const auto *before = package.attachments.get<ReferenceModel>())
      attachment->changedBy = before->changedBy;
    attachment->changedBy.push_back("quantize");
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
  const QuantizeOptions &options;
  PassContext &context;
  std::unique_ptr<Form> special, standard;
  std::unique_ptr<ir::Component> reference;
  std::vector<ir::Component *> components; // the reference is the last
  Weights weights;
  std::vector<Plan> plans;
  std::vector<CompressedWeight> report;
  std::vector<std::string> withoutOperator;
};

} // namespace

Expected<std::vector<CompressedWeight>>
quantizePackage(ir::Package &package, const QuantizeOptions &options, PassContext &context) {
  return PackageQuantizer(package, options, context).run();
}

} // namespace optrun::quantize
