#!/bin/bash
# Builds the image of a container instance: Debian 13 with systemd, cloud-init and a Docker engine of its own.
# build.sh [--name] [PACKAGE...]: with more of Debian's packages in it where some are named.
# Prints the image's name, switchover-machine:HASH, where HASH is that of this directory's content and of the packages; an
# image the engine already has is not built again. With --name it only prints. Needs root, mmdebstrap and a Docker engine. A
# first build takes about a minute.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

only_name=
if [ "${1-}" = --name ]; then
  only_name=1
  shift
fi

suite=trixie
packages=systemd,systemd-sysv,dbus,udev,cloud-init,ca-certificates,curl,iproute2,iptables,jq,less,procps
packages+=,docker.io,docker-cli,docker-compose
packages+=,busybox-static # no part of the machine: tiny images are made of it without pulling a base
for package; do packages+=,$package; done

directory_hash() {
  find . -type f -printf '%P %m\n' | LC_ALL=C sort | while read -r file mode; do
    echo "$file $mode $(sha256sum <"$file")"
  done
}
have() { docker image inspect "$1" >/dev/null 2>&1; }

image=switchover-machine:$({ directory_hash; echo "$@"; } | sha256sum | cut -c1-12)
if [ -n "$only_name" ]; then
  echo "$image"
  exit
fi
# The packages are a layer of their own, so that a changed setting costs a second and not a new system.
base=switchover-machine-base:$(echo "$suite $packages" | cat - build.sh | sha256sum | cut -c1-12)

build_base() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mmdebstrap --quiet --variant=minbase --mode=root --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook="rm -f \"\$1\"/etc/machine-id \"\$1\"/var/lib/dbus/machine-id; touch \"\$1\"/etc/machine-id" \
    "$suite" "$work/root.tar" >&2
  docker import "$work/root.tar" "$base" >&2
}

# Two runs at once build one image.
exec 9>"${TMPDIR:-/tmp}/switchover-machine-image.lock"
flock 9
if ! have "$image"; then
  have "$base" || build_base
  # The classic builder: the distribution's engine comes without buildx.
  DOCKER_BUILDKIT=0 docker build --quiet --build-arg "BASE=$base" --tag "$image" . >&2
fi
echo "$image"
