// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The JSON Schema of recipes.

#include "Options/OptionJsonSchema.h"
#include "Recipe/ParameterTypes.h"

#include "optrun/Recipe/Recipe.h"

namespace optrun {
namespace {

constexpr llvm::StringLiteral parameterReference = "#/$defs/parameter-reference";

class RecipeSchemaWriter {
public:
  RecipeSchemaWriter(llvm::ArrayRef<PassSchema> passes, llvm::json::OStream &json)
      : passes(passes), json(json) {}

  void write();

private:
  void writeText(llvm::StringRef key, llvm::StringRef description) {
    json.attributeObject(key, [&] {
      json.attribute("type", "string");
      json.attribute("description", description);
    });
  }
  void writeParameters();
  void writeSteps();
  void writeDefinitions();
  void writeRequiredOptions();
  void writeKnownPasses();
  void writeStepName(llvm::StringRef key, llvm::StringRef description) {
    json.attributeObject(key, [&] {
      json.attribute("type", "string");
      json.attribute("pattern", "^[a-z][a-z0-9.-]*$");
      json.attribute("description", description);
    });
  }

  llvm::ArrayRef<PassSchema> passes;
  llvm::json::OStream &json;
};

void RecipeSchemaWriter::writeParameters() {
  json.attributeObject("parameters", [&] {
    json.attribute("description", "Values that --set can change, by name: a default, which gives "
                                  "the type, or a declaration.");
    json.attribute("type", "object");
    json.attributeObject("propertyNames",
                         [&] { json.attribute("pattern", "^[A-Za-z_][A-Za-z0-9_-]*$"); });
    json.attributeObject("additionalProperties", [&] {
      json.attributeArray("anyOf", [&] {
        json.object([&] {
          json.attributeArray("type", [&] {
            for (llvm::StringRef type : {"string", "number", "boolean", "array"})
              json.value(type);
          });
        });
        json.object([&] { json.attribute("$ref", "#/$defs/parameter-declaration"); });
      });
    });
  });
}

void RecipeSchemaWriter::writeSteps() {
  json.attributeObject("passes", [&] {
    json.attribute("description", "The passes in the order in which they run.");
    json.attribute("type", "array");
    json.attribute("minItems", 1);
    json.attributeObject("items", [&] {
      json.attribute("type", "object");
      json.attribute("minProperties", 1);
      json.attributeObject("properties", [&] {
        for (const PassSchema &pass : passes)
          json.attributeObject(pass.id, [&] {
            json.attribute("description", llvm::json::fixUTF8(pass.summary));
            json.attributeArray("anyOf", [&] {
              json.object([&] { json.attribute("$ref", "#/$defs/pass-" + pass.id); });
              json.object([&] { json.attribute("type", "null"); });
              json.object([&] { json.attribute("$ref", "#/$defs/off"); });
            });
          });
        writeStepName("as", "A name for this step, by which recipes that extend this one can "
                            "change it.");
        writeStepName("before", "The step of the base recipe before which this one goes.");
        writeStepName("after", "The step of the base recipe after which this one goes.");
      });
    });
  });
}

void RecipeSchemaWriter::writeDefinitions() {
  json.attributeObject("$defs", [&] {
    json.attributeObject("parameter-reference", [&] {
      json.attribute("description", "The value of a parameter.");
      json.attribute("type", "string");
      json.attribute("pattern", "\\$\\{[A-Za-z_][A-Za-z0-9_-]*\\}");
    });
    json.attributeObject("off", [&] {
      json.attribute("description", "Leave out this pass of the base recipe.");
      json.attributeArray("enum", [&] {
        json.value("off");
        json.value(false); // how YAML 1.1 editors read it
      });
    });
    json.attributeObject("parameter-declaration", [&] {
      json.attribute("type", "object");
      json.attribute("additionalProperties", false);
      json.attributeObject("properties", [&] {
        json.attributeObject("type", [&] {
          json.attributeArray("enum", [&] {
            for (const ParameterTypeName &type : parameterTypes)
              json.value(type.name);
          });
        });
        json.attributeObject("default", [&] {
          json.attribute("description", "Without it the parameter must be given with --set.");
        });
        writeText("help", "What the parameter means.");
        for (llvm::StringRef limit : {"min", "max"})
          json.attributeObject(limit, [&] {
            json.attributeArray("type", [&] {
              json.value("number");
              json.value("string");
            });
          });
        json.attributeObject("values", [&] {
          json.attribute("description", "The only values allowed.");
          json.attribute("type", "array");
          json.attribute("minItems", 1);
        });
      });
    });
    for (const PassSchema &pass : passes) {
      json.attributeBegin("pass-" + pass.id);
      writeJsonSchema(pass.options, {parameterReference, /*partial=*/true}, json);
      json.attributeEnd();
    }
  });
}

/// Without a base recipe a step must have all that its pass requires.
void RecipeSchemaWriter::writeRequiredOptions() {
  json.object([&] {
    json.attributeObject("if", [&] {
      json.attributeObject(
          "not", [&] { json.attributeArray("required", [&] { json.value("extends"); }); });
    });
    json.attributeObject("then", [&] {
      json.attributeArray("required", [&] { json.value("passes"); });
      json.attributeObject("properties", [&] {
        json.attributeObject("passes", [&] {
          json.attributeObject("items", [&] {
            json.attributeObject("properties", [&] {
              for (const PassSchema &pass : passes) {
                std::vector<std::string> required = requiredOptions(pass.options);
                if (required.empty())
                  continue;
                json.attributeObject(pass.id, [&] {
                  json.attribute("type", "object");
                  json.attributeArray("required", [&] {
                    for (const std::string &name : required)
                      json.value(name);
                  });
                });
              }
            });
          });
        });
      });
    });
  });
}

/// A recipe that loads plugins of its own may have passes that are not known here.
void RecipeSchemaWriter::writeKnownPasses() {
  json.object([&] {
    json.attributeObject("if", [&] {
      json.attributeObject(
          "not", [&] { json.attributeArray("required", [&] { json.value("plugins"); }); });
    });
    json.attributeObject("then", [&] {
      json.attributeObject("properties", [&] {
        json.attributeObject("passes", [&] {
          json.attributeObject("items", [&] {
            json.attributeObject("propertyNames", [&] {
              json.attributeArray("enum", [&] {
                for (const PassSchema &pass : passes)
                  json.value(pass.id);
                for (llvm::StringRef modifier : {"as", "before", "after"})
                  json.value(modifier);
              });
            });
          });
        });
      });
    });
  });
}

void RecipeSchemaWriter::write() {
  json.object([&] {
    json.attribute("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.attribute("title", "OptRun recipe");
    json.attribute("type", "object");
    json.attribute("additionalProperties", false);
    json.attributeArray("required", [&] { json.value("recipe"); });
    json.attributeObject("properties", [&] {
      json.attributeObject("recipe", [&] {
        json.attribute("const", recipeVersion);
        json.attribute("description", "The version of the format.");
      });
      writeText("name", "A short name; the file's by default.");
      writeText("description", "What the recipe is for.");
      writeText("extends", "The recipe that this one changes, relative to this file.");
      writeParameters();
      json.attributeObject("plugins", [&] {
        json.attribute("description", "Libraries with further passes, relative to this file.");
        json.attribute("type", "array");
        json.attributeObject("items", [&] { json.attribute("type", "string"); });
      });
      writeSteps();
    });
    json.attributeArray("allOf", [&] {
      writeRequiredOptions();
      writeKnownPasses();
    });
    writeDefinitions();
  });
}

} // namespace

std::string recipeJsonSchema(llvm::ArrayRef<PassSchema> passes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os, /*IndentSize=*/2);
  RecipeSchemaWriter(passes, json).write();
  os << '\n';
  return text;
}

} // namespace optrun
