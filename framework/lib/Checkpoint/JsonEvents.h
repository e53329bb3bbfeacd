// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// JSON read as a sequence of events: objects never collapse keys that are given twice, and nothing
/// is kept that the reader of the events does not keep.

#ifndef OPTRUN_LIB_CHECKPOINT_JSONEVENTS_H
#define OPTRUN_LIB_CHECKPOINT_JSONEVENTS_H

#include "Messages.h"

#include <nlohmann/json.hpp>

namespace optrun::checkpoint {

/// Refuses every event; a derived class overrides those that it expects. Nesting needs no stack of
/// ours, so that a deep file ends with the first event that is not expected.
class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
public:
  /// Delivers the events of \p text, which must be one JSON value and no more. The first problem,
  /// in the text or reported with fail(), is the result.
  llvm::Error read(llvm::StringRef text);

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("true or false"); }
  bool number_integer(int64_t) override { return unexpected("a negative number"); }
  bool number_unsigned(uint64_t) override { return unexpected("a number"); }
  bool number_float(double, const std::string &) override {
    return unexpected("a number that is no integer of 64 bits");
  }
  bool string(std::string &) override { return unexpected("a string"); }
  bool binary(binary_t &) override { return unexpected("binary data"); }
  bool start_object(size_t) override { return unexpected("an object"); }
  bool key(std::string &) override { return unexpected("a key"); }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return unexpected("an array"); }
  bool end_array() override { return true; }
  bool parse_error(size_t position, const std::string &token,
                   const nlohmann::detail::exception &error) final;

protected:
  /// Ends the reading; returns false for that. \p message names the place.
  bool fail(const llvm::Twine &message);
  /// Where the reader is, for messages: "tensor 'x'".
  virtual std::string place() const = 0;

private:
  bool unexpected(llvm::StringRef what) {
    return fail(place() + ": " + what + " does not belong there");
  }

  std::string problem;
};

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_JSONEVENTS_H
