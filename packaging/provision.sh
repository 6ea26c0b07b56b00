#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes a Debian 12 machine one that traces: a kernel by name of its metapackage, and tcpladder,
# built here and installed as a package. For a virtual machine (Vagrantfile), a container or a
# chroot: it needs root, apt and the network, and no systemd, sudo or certain user.
#
#   packaging/provision.sh SOURCE_FOLDER
#
# TCPLADDER_KERNEL: the kernel's package, by default linux-image-ARCHITECTURE; none: no kernel.
# TCPLADDER_BUILD_DIR: where to build, by default /var/tmp/tcpladder-build.
set -euo pipefail

source=$(realpath -- "${1:?usage: $0 SOURCE_FOLDER}")
export TCPLADDER_BUILD_DIR=${TCPLADDER_BUILD_DIR:-/var/tmp/tcpladder-build}
export DEBIAN_FRONTEND=noninteractive
kernel=${TCPLADDER_KERNEL:-linux-image-$(dpkg --print-architecture)}
unset SUDO_UID SUDO_GID SUDO_USER SUDO_COMMAND # all here is root's

say() { printf 'provision: %s\n' "$*"; }

apt-get -qq update
if [[ $kernel != none ]]; then
    say "kernel: $kernel"
    apt-get -qq install -y --no-install-recommends "$kernel"
fi

say "building $source"
package=$("$source/run" package -DBUILD_TESTING=OFF | tail -n 1)
say "installing $package"
apt-get -qq install -y --no-install-recommends --reinstall "$package"
tcpladder --version
