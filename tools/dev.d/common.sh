# shellcheck shell=bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# What the other files of tools/dev use: messages, settings, the cache.

jobs=${OPTRUN_JOBS:-$(nproc)}
cache=${OPTRUN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/optrun}
pins=$root/tools/dev.d/pins.txt

say() { printf '==> %s\n' "$*" >&2; }

die() {
  printf 'tools/dev: error: %s\n' "$*" >&2
  exit 1
}

# short_hash: the first 12 digits of the SHA-256 of standard input.
short_hash() { sha256sum | cut -c1-12; }

# quietly LOG COMMAND...: output goes to LOG, whose end is shown if the command fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    die "failed: $* (everything it printed: $log)"
  fi
}

# cache_path NAME KEY: the folder NAME-<hash of KEY> in the cache, whether it exists or not.
cache_path() { printf '%s/%s-%s\n' "$cache" "$1" "$(printf '%s' "$2" | short_hash)"; }

# cache_entry NAME KEY MESSAGE FUNCTION: prints the folder NAME-<hash of KEY> in the cache. If it does
# not exist, FUNCTION fills a temporary folder, which is then renamed: what is half done never counts,
# and of two clones that want the same entry one makes it while the other waits.
cache_entry() {
  local name=$1 key=$2 message=$3 function=$4
  local entry
  entry=$(cache_path "$name" "$key")
  if [ ! -d "$entry" ]; then
    mkdir -p "$cache"
    (
      flock 9
      [ ! -d "$entry" ] || exit 0
      say "$message (first time only)"
      rm -rf "$cache"/tmp.* # of a set-up that was killed
      local temporary
      temporary=$(mktemp -d "$cache/tmp.XXXXXX")
      trap 'rm -rf "$temporary"' EXIT
      "$root/tools/dev" make-entry "$function" "$temporary/entry" </dev/null >&2 ||
        die "${message%%,*} failed"
      mv "$temporary/entry" "$entry"
    ) 9>"$cache/lock" || exit 1
  fi
  printf '%s\n' "$entry"
}
