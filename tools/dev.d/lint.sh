# shellcheck shell=bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Checks of the sources' form.

our_sources() { git ls-files --cached --others --exclude-standard '*.cpp' '*.h'; }

cmd_format() {
  ensure_packages lint
  our_sources | xargs -r clang-format-19 -i
}

cmd_lint() {
  ensure_packages lint
  local failed=0
  say "licence headers"
  check_headers || failed=1
  say "formatting"
  our_sources | xargs -r clang-format-19 --dry-run --Werror || failed=1
  [ $failed -eq 0 ] || die "lint failed ('tools/dev format' reformats)"
}

check_headers() { true; }
