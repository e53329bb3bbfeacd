# shellcheck shell=bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Checks of the sources' form.

# our_sources PATTERN...: files in the work tree, also those not yet added.
our_sources() { git ls-files --cached --others --exclude-standard --deduplicate -- "$@" | existing; }

existing() {
  local file
  while read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
}

cmd_format() {
  ensure_packages build lint
  our_sources '*.cpp' '*.h' | xargs -r clang-format-19 -i
}

cmd_lint() {
  ensure_packages build lint
  build_preset release # clang-tidy and the generated docs need a built tree
  local check failed=() checks=(headers format docs tidy)
  [ "${1:-}" != --quick ] || checks=(headers format docs)
  for check in "${checks[@]}"; do
    "lint_$check" || failed+=("$check")
  done
  [ ${#failed[@]} -eq 0 ] || die "lint failed: ${failed[*]}"
  say "lint passed"
}

lint_headers() {
  say "licence headers"
  local file bad=0
  while read -r file; do
    if ! head -n 4 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
      echo "$file: no SPDX header in the first lines"
      bad=1
    fi
    if [[ $file == *.cpp || $file == *.h ]] && ! head -n 8 "$file" | grep -q '\\file'; then
      echo "$file: no \\file comment that says what it is for"
      bad=1
    fi
  done < <(our_sources '*.cpp' '*.h' '*.cmake' '*CMakeLists.txt' '*.sh' '*.py' tools/dev .ci/run)
  return $bad
}

lint_format() {
  say "formatting"
  local complaints
  complaints=$(our_sources '*.cpp' '*.h' | xargs -r clang-format-19 --dry-run --Werror 2>&1 |
    sed -nE 's/^([^ :]+:[0-9]+):[0-9]+: error: .*/\1: not formatted/p' | sort -u -t: -k1,1)
  [ -z "$complaints" ] || { printf "%s\n" "$complaints" "'tools/dev format' reformats"; return 1; }
}

# docs/passes.md is generated from the passes' own declarations and must be what they say today.
lint_docs() {
  if ! git ls-files --error-unmatch docs/passes.md >/dev/null 2>&1; then
    say "generated docs: docs/passes.md is not tracked, nothing to compare"
    return 0
  fi
  say "generated docs"
  build/release/bin/opt-run --print-docs | diff -u docs/passes.md - ||
    { echo "docs/passes.md is out of date: run 'tools/dev docs'"; return 1; }
}

lint_tidy() {
  say "clang-tidy"
  python3 tools/dev.d/tidy.py build/release "$cache/tidy" "$jobs"
}
