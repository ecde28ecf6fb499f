# Which Debian 12 packages building and testing take, and how to get those that are missing.
# Sourced by packaging/quickstart and tests/run.

build_packages=(
  g++ cmake ninja-build pkg-config
  libboost1.81-dev libboost-url1.81-dev libboost-filesystem1.81-dev libboost-system1.81-dev
  libyaml-cpp-dev nlohmann-json3-dev libspdlog-dev libcli11-dev libvalijson-dev libsqlite3-dev libssl-dev
  libsimdjson-dev libsystemd-dev liburing-dev libxxhash-dev prometheus-cpp-dev libsqlitecpp-dev
)
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev python3-pytest python3-websockets python3-yaml python3-jsonschema python3-prometheus-client
  curl jq procps binutils openssl util-linux mount systemd chromium chromium-driver python3-selenium valgrind
  nginx libnginx-mod-nchan gnuplot-nox libfaketime
)
# What tests/fuzz/run takes beside those that building takes.
fuzz_packages=(clang libclang-rt-14-dev)
# They make the second build faster and are not missed otherwise.
optional_packages=(ccache mold)

# Node may come from somewhere else than Debian.
command -v node >/dev/null || test_packages+=(nodejs)
command -v npm >/dev/null || test_packages+=(npm)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "This needs root: run it as root, or install sudo." >&2
    return 1
  fi
}

missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

apt_install() {
  as_root apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# A bench starts an nginx of its own; the package would have another run as a service, now and from each boot on.
without_nginx_service() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'as_root rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin $policy
  fi
  "$@" || exit $?
  ! command -v systemctl >/dev/null || as_root systemctl disable --quiet nginx.service 2>/dev/null || true
)

# Leaves the network alone when nothing is missing.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing ${missing[*]}"
  local around=()
  [[ " ${missing[*]} " != *" nginx "* ]] || around=(without_nginx_service)
  "${around[@]}" apt_install "${missing[@]}" "${optional_packages[@]}"
}
