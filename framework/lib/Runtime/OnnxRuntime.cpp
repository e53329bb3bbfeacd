// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds ONNX Runtime's library and opens it.

#include "optrun/Runtime/OnnxRuntime.h"

#include "Runtime/Api.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace llvm;

namespace optrun::runtime {

#if OPTRUN_HAVE_ONNXRUNTIME

namespace {

/// Every function that we call is in this version of the API; the runtime offers all older ones.
constexpr uint32_t NeededApi = 17;
constexpr StringLiteral LibraryName = "libonnxruntime.so.1";
constexpr StringLiteral Advice =
    "run 'tools/dev setup', which fetches it, or set ONNXRUNTIME_ROOT to a folder that holds "
    "lib/libonnxruntime.so.1 of version 1.17 or newer";

/// Warnings of the runtime are for people who tune models; its errors come back as statuses.
void ORT_API_CALL discardMessage(void *, OrtLoggingLevel, const char *, const char *, const char *,
                                 const char *) {}

/// The folder of libOptRun itself, wherever the build or the installation was moved to.
std::string ownFolder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void *>(&ownFolder), &info) || !info.dli_fname)
    return {};
  SmallString<256> path(info.dli_fname);
  if (sys::fs::make_absolute(path))
    return {};
  return sys::path::parent_path(path).str();
}

std::vector<std::string> candidates() {
  // A folder that was named on purpose is the only one: silently taking another would surprise.
  if (const char *root = std::getenv("ONNXRUNTIME_ROOT"); root && *root) {
    SmallString<256> inLib(root), inRoot(root);
    sys::path::append(inLib, "lib", LibraryName);
    sys::path::append(inRoot, LibraryName);
    return {inLib.str().str(), inRoot.str().str()};
  }
  std::vector<std::string> paths;
  if (std::string folder = ownFolder(); !folder.empty()) {
    SmallString<256> bundled(folder);
    sys::path::append(bundled, "optrun", LibraryName);
    paths.push_back(bundled.str().str());
  }
  paths.push_back(LibraryName.str());
  return paths;
}

/// Recent official builds report what runs, in a database in the user's cache folder and
/// to Microsoft. Nobody who splits a model has agreed to that; who has, may set the variable to 0.
void silenceTelemetry() { setenv("ORT_DISABLE_TELEMETRY", "1", /*replace=*/0); }

struct Loaded {
  Api api;
  std::string problem;
};

Loaded load() {
  Loaded result;
  silenceTelemetry();
  void *library = nullptr;
  std::string tried;
  for (const std::string &path : candidates()) {
    library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library)
      break;
    tried += std::string("\n  ") + dlerror();
  }
  if (!library) {
    result.problem = "ONNX Runtime was not found: " + Advice.str() + "; tried:" + tried;
    return result;
  }
  using GetApiBase = const OrtApiBase *(*)();
  auto getBase = reinterpret_cast<GetApiBase>(dlsym(library, "OrtGetApiBase"));
  const OrtApiBase *base = getBase ? getBase() : nullptr;
  if (!base) {
    result.problem =
        "the library found as " + LibraryName.str() + " is not ONNX Runtime: " + Advice.str();
    return result;
  }
  result.api.version = base->GetVersionString();
  result.api.ort = base->GetApi(NeededApi);
  if (!result.api.ort) {
    result.problem = "ONNX Runtime " + result.api.version + " is too old: " + Advice.str();
    return result;
  }
  OrtStatus *status = result.api.ort->CreateEnvWithCustomLogger(
      discardMessage, nullptr, ORT_LOGGING_LEVEL_FATAL, "optrun", &result.api.environment);
  if (status)
    result.problem = toString(toError(result.api, status, "ONNX Runtime does not start"));
  return result;
}

} // namespace

Expected<const Api &> api() {
  static const Loaded *const loaded = new Loaded(load());
  if (!loaded->problem.empty())
    return createStringError(loaded->problem);
  return loaded->api;
}

Error toError(const Api &api, OrtStatus *status, const Twine &what) {
  if (!status)
    return Error::success();
  std::string message = (what + ": " + api.ort->GetErrorMessage(status)).str();
  api.ort->ReleaseStatus(status);
  return createStringError(message);
}

Expected<std::string> version() {
  Expected<const Api &> loaded = api();
  if (!loaded)
    return loaded.takeError();
  return loaded->version;
}

#else

Expected<std::string> version() {
  return createStringError("this OptRun was built without ONNX Runtime's headers: run "
                           "'tools/dev setup', which fetches them, and build again");
}

#endif // OPTRUN_HAVE_ONNXRUNTIME

} // namespace optrun::runtime
