# shellcheck shell=bash
# Sourced by the programs in Scripts: where the repository is, and what a fresh machine lacks.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export repository

# Says what happens on standard error, so that a program's own output stays clean.
say() { printf '==> %s\n' "$*" >&2; }
stop() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Prints the comment at the head of the calling program: its help text has one home.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

# Runs the command and shows it first.
show() {
  printf '    %s\n' "$*" >&2
  "$@" >&2
}

# Runs a command with the rights that a package manager needs.
as_root() {
  if [[ $EUID -eq 0 ]]; then
    show "$@"
  elif command -v sudo >/dev/null; then
    show sudo "$@"
  else
    stop "these packages are missing and only root can install them; run as root: $*"
  fi
}

has_pkg() { command -v pkg-config >/dev/null && pkg-config --exists "$1"; }
any_file() { compgen -G "$1" >/dev/null; }

# Names the Debian packages that this machine lacks. It looks at what each one provides, so that a
# library that was installed by other means counts too.
missing_debian_packages() {
  command -v git >/dev/null || echo git
  # Swift links with the C and C++ runtime's start files and headers.
  { any_file '/usr/include/c++/*' && [[ -e /usr/include/stdio.h ]]; } || echo g++
  command -v pkg-config >/dev/null || echo pkg-config
  has_pkg gsl || echo libgsl-dev
  has_pkg libpng || echo libpng-dev
  has_pkg zlib || echo zlib1g-dev
  command -v gnuplot >/dev/null || echo gnuplot-nox
}

missing_brew_packages() {
  command -v pkg-config >/dev/null || echo pkgconf
  has_pkg gsl || echo gsl
  has_pkg libpng || echo libpng
  has_pkg zlib || echo zlib
  command -v gnuplot >/dev/null || echo gnuplot
}

# Installs what is missing. On a machine that has everything this touches neither the network nor the
# package manager.
install_requirements() {
  command -v swift >/dev/null ||
    stop "no 'swift' on the PATH: install Swift 6.2 or later from https://www.swift.org/install and try again."
  local missing=()
  if [[ $(uname) == Darwin ]]; then
    while IFS= read -r name; do missing+=("$name"); done < <(missing_brew_packages)
    [[ ${#missing[@]} -eq 0 ]] && return
    command -v brew >/dev/null || stop "Homebrew is needed to install: ${missing[*]}"
    say "installing what is missing: ${missing[*]}"
    show brew install "${missing[@]}"
    return
  fi
  while IFS= read -r name; do missing+=("$name"); done < <(missing_debian_packages)
  [[ ${#missing[@]} -eq 0 ]] && return
  command -v apt-get >/dev/null ||
    stop "this is not Debian or Ubuntu: install what corresponds to these packages yourself: ${missing[*]}"
  say "installing what is missing: ${missing[*]}"
  # The list of packages may be absent or too old; refreshing it is part of installing.
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# drop_stale_modules SCRATCH: after a change of a header, a module map, a C library or the compiler, an incremental
# build can reuse modules that describe what was there before. This clears the build (not the
# downloaded packages) when any of those has changed since the last call for the same folder.
drop_stale_modules() {
  local scratch=$1 stamp=$1/c-interfaces now
  now=$(
    {
      swift --version 2>/dev/null
      pkg-config --modversion gsl libpng zlib
      # The path is part of it: modules name their headers by it.
      find "$repository/Sources" \( -name '*.h' -o -name '*.modulemap' \) -type f -exec cksum {} + | sort
    } | cksum
  )
  if [[ -e $stamp && $(<"$stamp") != "$now" ]]; then
    say "a C interface has changed: building afresh in ${scratch#"$repository"/}"
    rm -rf "$scratch"/{debug,release} "$scratch"/*-*-*/{debug,release}
  fi
  mkdir -p "$scratch"
  printf '%s\n' "$now" >"$stamp"
}
