# shellcheck shell=bash
# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
#
# Takes what pins.txt names from where it comes: system packages, PyPI, another Debian release.

# pin KIND NAME: the fields of that line after the name.
pin() {
  local fields
  fields=$(awk -v kind="$1" -v name="$2" '$1 == kind && $2 == name { $1 = $2 = ""; print; exit }' "$pins")
  [ -n "$fields" ] || die "$pins has no line '$1 $2'"
  echo $fields
}

# as_root COMMAND...
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing system packages needs root: run 'tools/dev setup' once as root, or install sudo"
  fi
}

# ensure_packages GROUP...: installs what is missing of these groups of system packages.
ensure_packages() {
  command -v dpkg-query >/dev/null || die "set-up knows Debian (12) and its derivatives only"
  local wanted missing
  wanted=$(awk -v groups=" $* " \
    '$1 == "apt" && index(groups, " " $2 " ") { for (i = 3; i <= NF; ++i) print $i }' "$pins")
  # shellcheck disable=SC2086
  missing=$(comm -13 <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null |
    awk '$1 == "ii" { print $2 }' | sort -u) <(sort -u <<<"$wanted"))
  [ -n "$missing" ] || return 0
  say "installing system packages (first time only): $(echo $missing)"
  export DEBIAN_FRONTEND=noninteractive
  local log
  log=$(mktemp "${TMPDIR:-/tmp}/optrun-apt.XXXXXX")
  quietly "$log" as_root apt-get -o DPkg::Lock::Timeout=300 update
  # shellcheck disable=SC2086
  quietly "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y --no-install-recommends $missing
  rm -f "$log"
}

# check_sha256 FILE SHA256
check_sha256() {
  [ -f "$1" ] || die "$1 was not downloaded"
  sha256sum --check --status <<<"$2  $1" ||
    die "$(basename "$1") does not have the pinned hash $2 but $(sha256sum "$1" | cut -d' ' -f1)"
}

# fetch_pypi NAME FOLDER: downloads the pinned file of a PyPI project into FOLDER, prints its path.
fetch_pypi() {
  local name=$1 folder=$2
  local version kind file hash python platform
  read -r version kind file hash <<<"$(pin pypi "$name")"
  mkdir -p "$folder"
  local options=(--no-deps --disable-pip-version-check --require-hashes --dest "$folder")
  case $kind in
  # pip asks a source distribution for its metadata, for which it would download and run the newest
  # build tools. Nobody needs that answer: the folder metadata-only has a back end that gives an empty one.
  sdist) options+=(--no-binary "$name" --no-build-isolation) ;;
  wheel) options+=(--only-binary :all:) ;;
  wheel:*)
    IFS=: read -r _ python platform <<<"$kind"
    options+=(--only-binary :all: --python-version "$python" --platform "$platform")
    ;;
  *) die "$pins: unknown kind '$kind' of $name" ;;
  esac
  printf '%s==%s --hash=sha256:%s\n' "$name" "$version" "$hash" >"$folder/requirements.txt"
  quietly "$folder/pip.log" env PYTHONPATH="$root/tools/dev.d/metadata-only" \
    python3 -m pip download "${options[@]}" --requirement "$folder/requirements.txt"
  check_sha256 "$folder/$file" "$hash"
  printf '%s\n' "$folder/$file"
}

# debian_mirror FOLDER: the address from which this machine gets Debian itself, so that no other is needed.
# FOLDER is for notes.
debian_mirror() {
  find /etc/apt -maxdepth 2 -type f -name '*.list' -exec cat {} + |
    sed -nE 's/^[[:space:]]*deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+)[[:space:]]+([^[:space:]]+).*/\2 \3/p' \
      >"$1/sources"
  find /etc/apt -maxdepth 2 -type f -name '*.sources' -exec awk \
    '/^[Uu][Rr][Ii][Ss]:/ { uri = $2 } /^[Ss]uites:/ { print uri, $2 }' {} + >>"$1/sources"
  awk '$2 ~ /^(bookworm|oldstable|stable|trixie)$/ { sub("/+$", "", $1); print $1; exit }' "$1/sources"
}

# fetch_deb NAME FOLDER: downloads the pinned .deb of another Debian release with a private set of apt
# folders, signed by the system's own Debian keys, into FOLDER; prints its path.
fetch_deb() {
  local name=$1 folder=$2
  local version suite file hash mirror
  read -r version suite file hash <<<"$(pin deb "$name")"
  mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
  mirror=$(debian_mirror "$folder")
  [ -n "$mirror" ] || die "no Debian mirror found in this machine's apt sources; set ONNXRUNTIME_ROOT instead"
  touch "$folder/apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
    >"$folder/apt/sources.list"
  local apt=(apt-get -o "Dir::Etc::SourceList=$folder/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$folder/apt/lists" -o "Dir::State::Status=$folder/apt/status"
    -o "Dir::Cache=$folder/apt/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
  quietly "$folder/apt.log" "${apt[@]}" update
  (cd "$folder" && quietly "$folder/apt.log" "${apt[@]}" download "$name=$version") || exit 1
  check_sha256 "$folder/$file" "$hash"
  printf '%s\n' "$folder/$file"
}
