# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over our sources, but over none whose text and includes were found clean before.

usage: tidy.py BUILD_DIR CACHE_DIR JOBS [SOURCE...]

BUILD_DIR is a built tree (compile_commands.json, and ninja's record of what each object includes).
A source is remembered as clean under a hash of its command line, of the text of everything of ours
that it includes, of .clang-tidy and of the tool's version.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

TOOL = "clang-tidy-19"
# What g++ understands and clang does not, and what only matters to a compiler.
DROPPED = re.compile(r"-fno-gnu-unique|-Wlogical-op|-Wsuggest-override|-Wduplicated-cond|-Wshadow=local|-Werror|-g\d?|"
                     r"-ffile-prefix-map=.*")


def included_files(build):
    """For each object, the files that it was compiled from."""
    text = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True,
                          check=True).stdout
    result, current = {}, []
    for line in text.splitlines():
        if line.startswith("    "):
            current.append(os.path.normpath(os.path.join(build, line.strip())))
        elif ": #deps" in line:
            current = result[line.split(":")[0]] = []
    return result


def commands(build, root, wanted):
    """(source, object, arguments) for each of our sources in the compilation database."""
    for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text()):
        source = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        name = os.path.relpath(source, root)
        if name.startswith(("..", "build" + os.sep)) or (wanted and name not in wanted):
            continue
        arguments = [a for a in shlex.split(entry["command"]) if not DROPPED.fullmatch(a)]
        launcher = [i for i, a in enumerate(arguments) if os.path.basename(a) == "ccache"]
        arguments = arguments[launcher[0] + 1:] if launcher else arguments
        yield name, arguments[arguments.index("-o") + 1], arguments


def main():
    build, cache, jobs = os.path.realpath(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    root, wanted = os.getcwd(), set(sys.argv[4:])
    cache.mkdir(parents=True, exist_ok=True)
    included = included_files(build)
    version = subprocess.run([TOOL, "--version"], capture_output=True, text=True, check=True).stdout
    settings = sorted(pathlib.Path(".").glob(".clang-tidy")) + sorted(pathlib.Path(".").glob("*/.clang-tidy"))
    common = hashlib.sha256("".join([version] + [f.read_text() for f in settings]).encode()).digest()
    digests = {}

    def digest(path):
        if path not in digests:
            digests[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).digest()
        return digests[path]

    def key(name, output, arguments):
        text = hashlib.sha256(common)
        text.update(" ".join(arguments).replace(root, "").encode())
        for path in sorted(set(included.get(output, [])) | {os.path.join(root, name)}):
            if path.startswith(root + os.sep) and os.path.exists(path):
                text.update(os.path.relpath(path, root).encode() + digest(path))
        return text.hexdigest()

    pending, total = {}, 0
    database = []
    for name, output, arguments in commands(build, root, wanted):
        if name in pending:
            continue
        total += 1
        stamp = cache / key(name, output, arguments)
        if not stamp.exists():
            pending[name] = stamp
            database.append({"directory": build, "file": os.path.join(root, name),
                             "arguments": arguments})
    print(f"{total} sources, {len(pending)} to check", file=sys.stderr)
    if not pending:
        return 0

    failed = []
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "compile_commands.json").write_text(json.dumps(database))

        def check(name):
            return name, subprocess.run([TOOL, "--quiet", "-p", folder, os.path.join(root, name)],
                                        capture_output=True, text=True)

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done, (name, result) in enumerate(pool.map(check, sorted(pending)), 1):
                if done % 25 == 0:
                    print(f"{done} of {len(pending)}", file=sys.stderr)
                if result.returncode == 0:
                    pending[name].touch()
                else:
                    failed.append(name)
                    print(result.stdout.replace(root + os.sep, ""), end="")
                    errors = [line for line in result.stderr.splitlines() if "error" in line]
                    print("\n".join(errors), file=sys.stderr)
    if failed:
        print(f"clang-tidy complains about {len(failed)} of {total} sources: {' '.join(failed)}",
              file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
