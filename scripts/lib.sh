# What the scripts share: the packages they need, and how the commands are built.
# shellcheck shell=sh

# Packages of Debian 12 that building needs.
# shellcheck disable=SC2034 # the scripts that read this file use it
build_packages="libsodium-dev nettle-dev libsqlite3-dev pkg-config lld"

say() { printf '%s\n' "$*" >&2; }

# Ends with the exact way to Swift when there is none.
need_swift() {
  if command -v swift >/dev/null 2>&1; then return 0; fi
  say "Swift 6.2 or newer is needed and was not found. On Debian 12 (x86_64):"
  say "  apt-get install -y binutils-gold curl gcc libcurl4-openssl-dev libedit2 libncurses-dev \\"
  say "    libpython3-dev libstdc++-12-dev libxml2-dev libz3-dev tzdata zlib1g-dev"
  say "  curl -O https://download.swift.org/swiftly/linux/swiftly-\$(uname -m).tar.gz"
  say "  tar zxf swiftly-\$(uname -m).tar.gz && ./swiftly init"
  say "Other ways: https://www.swift.org/install/linux/"
  exit 69
}

is_installed() {
  [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = "install ok installed" ]
}

# need_packages YES PACKAGE...: installs what is missing, as root or by sudo. YES=1 asks nothing.
need_packages() {
  yes=$1
  shift
  if ! command -v dpkg-query >/dev/null 2>&1; then
    say "This is no Debian; please install the like of: $*"
    return 0
  fi
  missing=
  for package in "$@"; do
    is_installed "$package" || missing="$missing $package"
  done
  if [ -z "$missing" ]; then return 0; fi
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=sudo
  else
    say "Packages are missing, and this user may not install them. Run once:"
    say "  su -c 'apt-get install -y$missing'"
    exit 69
  fi
  if [ "$yes" != 1 ] && [ -t 0 ]; then
    printf 'Install%s with apt-get? [Y/n] ' "$missing" >&2
    read -r answer
    case $answer in
    [nN]*) say "Not installed; nothing was done." && exit 69 ;;
    esac
  fi
  $as_root apt-get update -qq >&2 || say "apt-get update failed; trying with the lists that are here"
  # shellcheck disable=SC2086 # a list of words
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >&2
}

# The C++ library is linked in: loading it costs each start of a command half a millisecond. Found
# in a folder of its own, the linker takes the archive where it would take the shared one.
static_libraries() {
  mkdir -p .build/static
  for pair in libstdc++.a:libstdc++.a libgcc_eh.a:libgcc_s.a; do
    archive=$(gcc -print-file-name="${pair%%:*}" 2>/dev/null) || continue
    if [ -f "$archive" ]; then ln -sf "$archive" ".build/static/${pair##*:}"; fi
  done
}

# build_release PRODUCT: a static, stripped command in .build/release.
build_release() {
  static_libraries
  swift build -c release --static-swift-stdlib --explicit-target-dependency-import-check error \
    -Xswiftc -use-ld=lld -Xlinker -L"$PWD/.build/static" -Xlinker --icf=all -Xlinker -z -Xlinker pack-relative-relocs \
    -Xlinker -s --product "$1" >&2
}
