// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Loading and running models in ONNX Runtime.

#include "optrun/Runtime/Session.h"

#include "Runtime/Api.h"

#include "optrun/Runtime/OnnxRuntime.h"

using namespace llvm;

namespace optrun::runtime {

#if OPTRUN_HAVE_ONNXRUNTIME

struct Session::Impl {
  explicit Impl(const Api &api) : api(api) {}
  ~Impl() {
    if (session)
      api.ort->ReleaseSession(session);
  }

  Error readNames();

  const Api &api;
  OrtSession *session = nullptr;
  std::vector<std::string> inputs, outputs;
};

namespace {

/// Session configuration entries, from onnxruntime_session_options_config_keys.h.
constexpr const char *DisablePrepacking = "session.disable_prepacking";
constexpr const char *AllowSpinning = "session.intra_op.allow_spinning";
constexpr const char *QdqAccuracyLevel = "session.qdq_matmulnbits_accuracy_level";
constexpr const char *ExternalDataFolder = "session.model_external_initializers_file_folder_path";

Expected<Owned<OrtSessionOptions>> makeOptions(const Api &api, const SessionOptions &options,
                                               StringRef externalFolder) {
  OrtSessionOptions *raw = nullptr;
  if (OrtStatus *status = api.ort->CreateSessionOptions(&raw))
    return toError(api, status, "ONNX Runtime cannot make a session");
  Owned<OrtSessionOptions> result(raw, {api.ort->ReleaseSessionOptions});

  OrtStatus *status = api.ort->SetSessionGraphOptimizationLevel(
      raw, options.optimize ? ORT_ENABLE_ALL : ORT_DISABLE_ALL);
  if (!status)
    status = api.ort->SetIntraOpNumThreads(raw, static_cast<int>(options.threads));
  if (!status)
    status = api.ort->SetInterOpNumThreads(raw, 1);
  if (!status)
    status = api.ort->SetDeterministicCompute(raw, true);
  // A waiting thread that spins takes a core from whoever works.
  if (!status)
    status = api.ort->AddSessionConfigEntry(raw, AllowSpinning, "0");
  // By default, DequantizeLinear and MatMul are joined, if neighbours allow, to a product that
  // rounds activations to int8. "1" is single precision, as the model states it.
  if (!status)
    status = api.ort->AddSessionConfigEntry(raw, QdqAccuracyLevel, "1");
  // Prepacking keeps a second copy of every matrix; without it weights stay in the mapped file.
  if (!status && !options.optimize)
    status = api.ort->AddSessionConfigEntry(raw, DisablePrepacking, "1");
  if (!status && !externalFolder.empty())
    status = api.ort->AddSessionConfigEntry(raw, ExternalDataFolder, externalFolder.str().c_str());
  if (status)
    return toError(api, status, "ONNX Runtime refuses a session option");
  return result;
}

/// The error that \p status, which is released, means for loading a model.
Error loadError(const Api &api, OrtStatus *status, const Twine &what) {
  bool isMissing = api.ort->GetErrorCode(status) == ORT_NOT_IMPLEMENTED;
  Error error = toError(api, status, what);
  if (!isMissing)
    return error;
  return createStringError(toString(std::move(error)) +
                           " (it does not implement this operator for these types on the CPU)");
}

} // namespace

Error Session::Impl::readNames() {
  OrtAllocator *allocator = nullptr;
  if (OrtStatus *status = api.ort->GetAllocatorWithDefaultOptions(&allocator))
    return toError(api, status, "ONNX Runtime has no allocator");
  size_t inputCount = 0, outputCount = 0;
  OrtStatus *status = api.ort->SessionGetInputCount(session, &inputCount);
  if (!status)
    status = api.ort->SessionGetOutputCount(session, &outputCount);
  for (size_t i = 0; i != inputCount + outputCount && !status; ++i) {
    char *name = nullptr;
    bool isInput = i < inputCount;
    status = isInput ? api.ort->SessionGetInputName(session, i, allocator, &name)
                     : api.ort->SessionGetOutputName(session, i - inputCount, allocator, &name);
    if (status)
      break;
    (isInput ? inputs : outputs).emplace_back(name);
    status = api.ort->AllocatorFree(allocator, name);
  }
  return toError(api, status, "ONNX Runtime does not tell the model's inputs and outputs");
}

Expected<std::unique_ptr<Session>> Session::open(StringRef path, const SessionOptions &options) {
  Expected<const Api &> api = runtime::api();
  if (!api)
    return api.takeError();
  Expected<Owned<OrtSessionOptions>> sessionOptions = makeOptions(*api, options, "");
  if (!sessionOptions)
    return sessionOptions.takeError();
  auto impl = std::make_unique<Impl>(*api);
  if (OrtStatus *status = api->ort->CreateSession(api->environment, path.str().c_str(),
                                                  sessionOptions->get(), &impl->session))
    return loadError(*api, status, "ONNX Runtime cannot load '" + path + "'");
  if (Error error = impl->readNames())
    return error;
  return std::unique_ptr<Session>(new Session(std::move(impl)));
}

Expected<std::unique_ptr<Session>>
Session::openFromMemory(ArrayRef<uint8_t> model, StringRef folder, const SessionOptions &options) {
  Expected<const Api &> api = runtime::api();
  if (!api)
    return api.takeError();
  Expected<Owned<OrtSessionOptions>> sessionOptions = makeOptions(*api, options, folder);
  if (!sessionOptions)
    return sessionOptions.takeError();
  auto impl = std::make_unique<Impl>(*api);
  if (OrtStatus *status = api->ort->CreateSessionFromArray(
          api->environment, model.data(), model.size(), sessionOptions->get(), &impl->session))
    return loadError(*api, status, "ONNX Runtime cannot load a model from memory");
  if (Error error = impl->readNames())
    return error;
  return std::unique_ptr<Session>(new Session(std::move(impl)));
}

ArrayRef<std::string> Session::inputs() const { return impl->inputs; }
ArrayRef<std::string> Session::outputs() const { return impl->outputs; }

Expected<std::vector<RuntimeValue>>
Session::run(function_ref<const RuntimeValue *(const std::string &)> valueOf) {
  const Api &api = impl->api;
  std::vector<const char *> inputNames, outputNames;
  std::vector<const OrtValue *> inputValues;
  for (const std::string &name : impl->inputs) {
    const RuntimeValue *value = valueOf(name);
    if (!value || !value->handle)
      return createStringError("there is no value for the input '" + name + "'");
    inputNames.push_back(name.c_str());
    inputValues.push_back(static_cast<const OrtValue *>(value->handle));
  }
  for (const std::string &name : impl->outputs)
    outputNames.push_back(name.c_str());

  std::vector<OrtValue *> handles(outputNames.size());
  if (OrtStatus *status =
          api.ort->Run(impl->session, nullptr, inputNames.data(), inputValues.data(),
                       inputNames.size(), outputNames.data(), outputNames.size(), handles.data()))
    return toError(api, status, "ONNX Runtime cannot run the model");
  std::vector<RuntimeValue> outputs;
  Error failed = Error::success();
  for (OrtValue *handle : handles) {
    Expected<RuntimeValue> output = RuntimeValue::adopt(handle);
    if (output)
      outputs.push_back(std::move(*output));
    else
      failed = joinErrors(std::move(failed), output.takeError());
  }
  if (failed)
    return failed;
  return outputs;
}

#else

struct Session::Impl {};

Expected<std::unique_ptr<Session>> Session::open(StringRef, const SessionOptions &) {
  return version().takeError();
}

Expected<std::unique_ptr<Session>> Session::openFromMemory(ArrayRef<uint8_t>, StringRef,
                                                           const SessionOptions &) {
  return version().takeError();
}

ArrayRef<std::string> Session::inputs() const { return {}; }
ArrayRef<std::string> Session::outputs() const { return {}; }

Expected<std::vector<RuntimeValue>>
Session::run(function_ref<const RuntimeValue *(const std::string &)>) {
  return version().takeError();
}

#endif // OPTRUN_HAVE_ONNXRUNTIME

Session::Session(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Session::~Session() = default;

} // namespace optrun::runtime
