// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Good recipes: what they are read as, how parameters and paths work, and printing that reads
/// back.

#include "RecipeFixture.h"
#include "TestSupport/TemporaryFolder.h"

#include <filesystem>

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

// The example of the documentation.
constexpr llvm::StringLiteral splitByMemory = R"(recipe: 1
name: split-by-memory
description: Split an LLM into components that each fit the memory of a device.
parameters:
  model:  {type: path, help: "ONNX file, Hugging Face folder or GGUF file"}
  memory: 2GB                     # a default gives the type
  output: out
passes:
  - capture:          {model: "${model}"}
  - cost-estimate:    {}
  - split-by-memory:  {memory: "${memory}"}
  - export:           {output: "${output}"}
)";

TEST(Recipe, ReadsTheExample) {
  ReadRecipe read(splitByMemory, {{"model", "gpt2/model.onnx"}});
  ASSERT_EQ(read.messages, "");
  EXPECT_EQ(read.recipe->name, "split-by-memory");
  EXPECT_EQ(read.recipe->description,
            "Split an LLM into components that each fit the memory of a device.");
  EXPECT_EQ(read.steps(), "capture {model: gpt2/model.onnx}\n"
                          "cost-estimate {}\n"
                          "split-by-memory {memory: 2GB}\n"
                          "export {output: out}\n");
  ASSERT_EQ(read.recipe->parameters.size(), 3u);
  EXPECT_EQ(read.recipe->parameters[0].type, RecipeParameter::Type::Path);
  EXPECT_EQ(read.recipe->parameters[0].help, "ONNX file, Hugging Face folder or GGUF file");
  EXPECT_TRUE(read.recipe->parameters[0].isSet);
  EXPECT_EQ(read.recipe->parameters[1].type, RecipeParameter::Type::Size);
  EXPECT_FALSE(read.recipe->parameters[1].isSet);
  EXPECT_EQ(read.recipe->parameters[2].type, RecipeParameter::Type::String);
}

TEST(Recipe, TakesItsNameFromTheFile) {
  ReadRecipe read("recipe: 1\npasses: [{a: {}}]\n", {}, "", "configs/my-split.yaml");
  EXPECT_EQ(read.recipe->name, "my-split");
  EXPECT_EQ(read.recipe->path, "configs/my-split.yaml");
}

TEST(Recipe, ReadsPassesWithoutOptionsAndTheSamePassTwice) {
  ReadRecipe read("recipe: 1\npasses:\n- capture:\n- quantize: {dtype: int8}\n- quantize: {dtype: "
                  "int4}\n  as: second\n- quantize:\n");
  EXPECT_EQ(read.messages, "");
  EXPECT_EQ(read.steps(), "capture null\n"
                          "quantize {dtype: int8}\n"
                          "quantize (second) {dtype: int4}\n"
                          "quantize null\n");
}

TEST(Recipe, ReportsMissingOptionsAtThePass) {
  ReadRecipe read("recipe: 1\npasses:\n- capture: {}\n- export:\n    output: x\n");
  ASSERT_EQ(read.recipe->passes.size(), 2u);
  EXPECT_EQ(read.recipe->passes[0].options.location(), read.recipe->passes[0].idRange.Start);
  EXPECT_EQ(read.recipe->passes[1].options.location(), read.recipe->passes[1].idRange.Start);
}

TEST(Recipe, AcceptsWhatYamlAllows) {
  ReadRecipe read(
      "\xEF\xBB\xBF%YAML 1.2\n---\n# comment\r\n\"recipe\": 1\r\nname: >\r\n  folded\r\n"
      "  text\r\npasses:\r\n- &first {a: &v [1, 2], *v : 0}\n...\n");
  EXPECT_THAT(read.messages, HasSubstr("a key must be a text")); // the alias of a list as key
  ReadRecipe good(
      "\xEF\xBB\xBF%YAML 1.2\n---\n# comment\r\n\"recipe\": 1\r\nname: >-\r\n  folded\r\n"
      "  text\r\npasses:\r\n- a: &v {x: [1, 2]}\r\n- b: *v\r\n...\n");
  ASSERT_EQ(good.messages, "");
  EXPECT_EQ(good.recipe->name, "folded text");
  EXPECT_EQ(good.steps(), "a {x: [1, 2]}\nb {x: [1, 2]}\n");
}

// Parameters.

struct Default {
  const char *text;
  RecipeParameter::Type type;
};

TEST(Parameters, TakeTheirTypeFromTheDefault) {
  using Type = RecipeParameter::Type;
  for (auto [text, type] :
       {Default{"2GB", Type::Size}, Default{"1.5 GiB", Type::Size}, Default{"2", Type::Int},
        Default{"-2", Type::Int}, Default{"0.5", Type::Float}, Default{"1e-5", Type::Float},
        Default{"true", Type::Bool}, Default{"[a]", Type::List}, Default{"[]", Type::List},
        Default{"out", Type::String}, Default{"'2'", Type::String}, Default{"'true'", Type::String},
        Default{"''", Type::String}, Default{"2G", Type::String}, Default{"1.2.3", Type::String},
        Default{"./out", Type::String}}) {
    ReadRecipe read("recipe: 1\nparameters:\n  x: " + std::string(text) +
                    "\npasses:\n- p: {x: '${x}'}\n");
    EXPECT_EQ(read.messages, "") << text;
    ASSERT_EQ(read.recipe->parameters.size(), 1u);
    EXPECT_EQ(read.recipe->parameters[0].type, type) << text;
  }
}

TEST(Parameters, GiveValueAndTypeQuotedOrNot) {
  ReadRecipe read("recipe: 1\n"
                  "parameters: {n: 4, s: '4', l: [a, '1'], b: true}\n"
                  "passes:\n"
                  "- p:\n"
                  "    a: ${n}\n"
                  "    b: '${n}'\n"
                  "    c: \"${s}\"\n"
                  "    d: ${s}\n"
                  "    e: ${l}\n"
                  "    f: [\"${b}\", x]\n");
  ASSERT_EQ(read.messages, "");
  EXPECT_FALSE(read.option("a").quoted);
  EXPECT_FALSE(read.option("b").quoted);
  EXPECT_TRUE(read.option("c").quoted);
  EXPECT_TRUE(read.option("d").quoted);
  EXPECT_EQ(read.steps(), "p {a: 4, b: 4, c: '4', d: '4', e: [a, '1'], f: [true, x]}\n");
}

TEST(Parameters, AreTextInsideTexts) {
  ReadRecipe read(
      "recipe: 1\nparameters: {n: 4, name: gpt2}\npasses:\n"
      "- p: {a: \"${n}0\", b: '${name}-${n}', c: \"$${n} costs $5 or $$\", d: \"$$${n}\", "
      "e: ['x${n}']}\n");
  ASSERT_EQ(read.messages, "");
  EXPECT_EQ(read.option("a").scalar, "40");
  EXPECT_TRUE(read.option("a").quoted); // a text, not the number 40
  EXPECT_EQ(read.option("b").scalar, "gpt2-4");
  EXPECT_EQ(read.option("c").scalar, "${n} costs $5 or $$");
  EXPECT_EQ(read.option("d").scalar, "$${n}");
  EXPECT_EQ(read.option("e").items[0].scalar, "x4");
}

TEST(Parameters, AreNotReplacedTwice) {
  ReadRecipe read(
      "recipe: 1\nparameters: {a: '$${b}', b: x}\npasses:\n- p: {a: '${a}', b: 'in ${a}', "
      "c: '${b}'}\n",
      {{"b", "${a}"}});
  ASSERT_EQ(read.messages, "");
  EXPECT_EQ(read.option("a").scalar, "${b}");
  EXPECT_EQ(read.option("b").scalar, "in ${b}");
  EXPECT_EQ(read.option("c").scalar, "${a}");
}

TEST(Parameters, AreSetWithTheTextAsItIs) {
  ReadRecipe read(
      "recipe: 1\nparameters: {s: x, i: 1, b: false, m: 1GB, f: 0.5, l: [x], k: [x], o: "
      "[x], e: x, q: x}\npasses:\n- p: {s: '${s}', i: '${i}', b: '${b}', m: '${m}', f: "
      "'${f}', l: '${l}', k: '${k}', o: '${o}', e: '${e}', q: '${q}'}\n",
      {{"s", "*.mlp: #1 [x"},
       {"i", "7"},
       {"i", "8"},
       {"b", "true"},
       {"m", "1.5GiB"},
       {"f", "1e-3"},
       {"l", "[a, 'b, c']"},
       {"k", "*.mlp.*"},
       {"o", "[]"},
       {"e", ""},
       {"q", "'010'"}});
  ASSERT_EQ(read.messages, "");
  EXPECT_EQ(read.steps(), "p {s: '*.mlp: #1 [x', i: 8, b: true, m: 1.5GiB, f: 1e-3, l: [a, 'b, "
                          "c'], k: ['*.mlp.*'], o: [], e: '', q: '010'}\n");
}

TEST(Parameters, AcceptValuesWithinLimits) {
  ReadRecipe read(
      "recipe: 1\nparameters: {n: {default: 4, min: 1, max: 8}, m: {type: size, min: 1MB, "
      "max: 1GiB}, d: {default: int8, values: [int4, int8]}, v: {default: 4, values: [4, "
      "8]}}\npasses:\n- p: {n: '${n}', m: '${m}', d: '${d}', v: '${v}'}\n",
      {{"n", "8"}, {"m", "1MB"}, {"d", "int4"}, {"v", "8"}});
  EXPECT_EQ(read.messages, "");
}

TEST(Parameters, WarnWhenNotUsed) {
  ReadRecipe read(
      "recipe: 1\nparameters:\n  memory: 2GB\n  used: 1\npasses:\n- p: {a: '${used}', b: "
      "'$${memory}'}\n");
  EXPECT_EQ(read.messages, "recipe.yaml:3:3: warning: parameter 'memory' is not used\n");
  EXPECT_EQ(read.diagnostics.errorCount(), 0u);
}

// Paths.

TEST(Paths, AreRelativeToWhereTheyWereGiven) {
  ReadRecipe read("recipe: 1\n"
                  "parameters:\n"
                  "  given: {type: path}\n"
                  "  default: {type: path, default: ../models/a.onnx}\n"
                  "  absolute: {type: path, default: /models/a.onnx}\n"
                  "  text: out\n"
                  "  given-text: out\n"
                  "plugins: [mine.so, '${text}/other.so', /usr/lib/third.so, ./mine.so]\n"
                  "passes:\n"
                  "- p:\n"
                  "    a: ${given}\n"
                  "    b: ${default}\n"
                  "    c: ${absolute}\n"
                  "    d: ${text}\n"
                  "    e: ${given-text}\n"
                  "    f: ${given}/tokenizer.json\n"
                  "    g: ${given-text}/sub\n"
                  "    h: x/${given-text}\n"
                  "    i: plain\n",
                  {{"given", "b.onnx"}, {"given-text", "here"}}, "/home/me", "/etc/recipes/r.yaml");
  ASSERT_EQ(read.messages, "");
  // Parameters of type path are resolved; texts know the folder, for options that are paths.
  auto path = [&](llvm::StringRef name) {
    ConfigNode node = read.option(name);
    return node.scalar + " in " + node.baseFolder;
  };
  EXPECT_EQ(path("a"), "/home/me/b.onnx in ");
  EXPECT_EQ(path("b"), "/etc/recipes/../models/a.onnx in ");
  EXPECT_EQ(path("c"), "/models/a.onnx in ");
  EXPECT_EQ(path("d"), "out in /etc/recipes");
  EXPECT_EQ(path("e"), "here in /home/me");
  EXPECT_EQ(path("f"), "/home/me/b.onnx/tokenizer.json in ");
  EXPECT_EQ(path("g"), "here/sub in /home/me");
  EXPECT_EQ(path("h"), "x/here in /etc/recipes");
  EXPECT_EQ(path("i"), "plain in /etc/recipes");
  ASSERT_EQ(read.recipe->plugins.size(), 3u); // mine.so is there twice
  EXPECT_EQ(read.recipe->plugins[0].path, "/etc/recipes/mine.so");
  EXPECT_EQ(read.recipe->plugins[1].path, "/etc/recipes/out/other.so");
  EXPECT_EQ(read.recipe->plugins[2].path, "/usr/lib/third.so");
}

TEST(Paths, StayRelativeToTheWorkingFolderForARelativeRecipe) {
  ReadRecipe read("recipe: 1\nparameters: {m: {type: path, default: m.onnx}}\npasses:\n- p: {m: "
                  "'${m}'}\n",
                  {}, "", "configs/r.yaml");
  EXPECT_EQ(read.option("m").scalar, "configs/m.onnx");
  ReadRecipe here("recipe: 1\nparameters: {m: {type: path, default: m.onnx}}\npasses:\n- p: {m: "
                  "'${m}'}\n");
  EXPECT_EQ(here.option("m").scalar, "m.onnx");
}

// Places.

struct PathOptions {
  FilePath model;
  int64_t splits = 2;
  static void bind(OptionBinder<PathOptions> &bind) {
    bind.option("model", &PathOptions::model, "A path.");
    bind.option("splits", &PathOptions::splits, "A count.").min(1);
  }
};

TEST(Places, ErrorsInParametersPointToTheValueAndNoteItsUse) {
  ReadRecipe read("recipe: 1\nparameters:\n  splits: 0\npasses:\n- p: {splits: '${splits}'}\n");
  ASSERT_EQ(read.messages, "");
  EXPECT_FALSE(
      OptionSchema::of<PathOptions>().resolve(read.recipe->passes[0].options, read.diagnostics));
  ASSERT_EQ(read.diagnostics.all().size(), 2u);
  EXPECT_EQ(read.diagnostics.format(read.diagnostics.all()[0]),
            "recipe.yaml:3:11: error: 'splits' must be at least 1, not 0");
  EXPECT_EQ(read.diagnostics.format(read.diagnostics.all()[1]),
            "recipe.yaml:5:7: note: used for option 'splits' here");

  ReadRecipe set("recipe: 1\nparameters: {n: 1}\npasses:\n- p: {splits: '${n}'}\n", {{"n", "-3"}});
  EXPECT_FALSE(
      OptionSchema::of<PathOptions>().resolve(set.recipe->passes[0].options, set.diagnostics));
  ASSERT_EQ(set.diagnostics.all().size(), 2u);
  EXPECT_EQ(set.diagnostics.format(set.diagnostics.all()[0]),
            "--set:1:3: error: 'splits' must be at least 1, not -3");
}

// Files.

TEST(Files, AreLoadedWithOrWithoutErrors) {
  TemporaryFolder folder;
  std::string good = folder.write("good.yaml", "recipe: 1\npasses: [{a: {}}]\n");
  std::string bad = folder.write("bad.yaml", "recipe: 1\npasses: [{a: {x: '${x}'}}]\n");
  Diagnostics diagnostics(nullptr);
  std::optional<Recipe> recipe = loadRecipe(good, {}, "", diagnostics);
  ASSERT_TRUE(recipe);
  EXPECT_EQ(recipe->name, "good");
  EXPECT_FALSE(loadRecipe(bad, {}, "", diagnostics));
  // A later recipe is judged by its own errors.
  EXPECT_TRUE(loadRecipe(good, {}, "", diagnostics));

  // For checking options all the same.
  std::optional<Recipe> partial = readRecipe(bad, {}, "", diagnostics);
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->passes[0].options.find("x")->kind, ConfigNode::Kind::Error);
}

TEST(Files, SayWhyTheyCannotBeRead) {
  TemporaryFolder folder;
  auto messageFor = [](const std::string &path) {
    ReadRecipe read(ReadRecipe::File{path});
    EXPECT_FALSE(read.recipe);
    return read.messages;
  };
  std::string missing = folder.path("missing.yaml");
  EXPECT_EQ(messageFor(missing),
            "error: cannot read recipe '" + missing + "': No such file or directory\n");
  EXPECT_EQ(messageFor(folder.path("")),
            "error: cannot read recipe '" + folder.path("") + "': it is a folder\n");
  EXPECT_EQ(messageFor("/dev/zero"), "error: cannot read recipe '/dev/zero': it is no file\n");
  std::string huge = folder.write("huge.yaml", "");
  std::filesystem::resize_file(huge, uint64_t(1) << 40);
  EXPECT_EQ(messageFor(huge),
            "error: cannot read recipe '" + huge + "': it is larger than 4 MiB\n");
}

// Printing.

std::string printed(const Recipe &recipe) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printRecipe(recipe, os);
  return text;
}

TEST(Printing, ShowsTheRecipeResolved) {
  ReadRecipe read(splitByMemory, {{"model", "gpt2/model.onnx"}});
  EXPECT_EQ(printed(*read.recipe),
            "recipe: 1\n"
            "name: split-by-memory\n"
            "description: Split an LLM into components that each fit the memory of a device.\n"
            "passes:\n"
            "  - capture: {model: gpt2/model.onnx}\n"
            "  - cost-estimate: {}\n"
            "  - split-by-memory: {memory: 2GB}\n"
            "  - export: {output: out}\n");
}

TEST(Printing, ReadsBackAsTheSame) {
  ReadRecipe read(
      "recipe: 1\n"
      "name: 'it''s: 1'\n"
      "description: |\n  Two\n  lines. ${this} is no parameter.\n"
      "parameters: {n: 4, s: '010', l: [a, '*', 'b, c']}\n"
      "plugins: [\"a b.so\", '$${x}.so']\n"
      "passes:\n"
      "- one:\n"
      "- two: {}\n"
      "- two: {n: '${n}', s: '${s}', l: '${l}', t: '$${n}', u: 'x$$${n}', v: null, w: "
      "'', x: {}, y: []}\n"
      "  as: second\n"
      "- quantize:\n"
      "    rules:\n"
      "    - {match: '*.mlp.*', dtype: int4, block-size: 32, note: a long text that does "
      "not fit the line with all the rest}\n"
      "    - match: 'a: b'\n"
      "      nested: [[1, 2], [3], {a: {b: c}}]\n"
      "    text: \"tab\\tnewline\\nquote\\\"\"\n"
      "    'odd: key': yes\n");
  ASSERT_EQ(read.messages, "");
  std::string text = printed(*read.recipe);
  ReadRecipe again(text);
  ASSERT_EQ(again.messages, "") << text;
  EXPECT_EQ(again.recipe->name, read.recipe->name);
  EXPECT_EQ(again.recipe->description, read.recipe->description);
  ASSERT_EQ(again.recipe->plugins.size(), 2u);
  EXPECT_EQ(again.recipe->plugins[1].path, "${x}.so");
  EXPECT_EQ(printed(*again.recipe), text);
  std::string steps = read.steps();
  EXPECT_TRUE(llvm::StringRef(steps).starts_with("one null\ntwo {}\n"));
  // A pass without options and one with none are the same.
  EXPECT_EQ("one null" + again.steps().substr(std::string("one {}").size()), steps);
  EXPECT_EQ(toJson(again.recipe->passes[2].options), toJson(read.recipe->passes[2].options));
  EXPECT_EQ(toJson(again.recipe->passes[3].options), toJson(read.recipe->passes[3].options));
}

TEST(Printing, IsIndependentOfTheFolderOnceResolved) {
  ReadRecipe read("recipe: 1\npasses:\n- p: {model: m.onnx}\n", {}, "", "/etc/recipes/r.yaml");
  RecipePass &pass = read.recipe->passes[0];
  pass.options = *OptionSchema::of<PathOptions>().resolve(pass.options, read.diagnostics);
  EXPECT_THAT(printed(*read.recipe), HasSubstr("- p: {model: /etc/recipes/m.onnx, splits: 2}\n"));
}

} // namespace
