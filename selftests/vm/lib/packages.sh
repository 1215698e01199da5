# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Every Debian package that the build and the tests use. To have one more
# program in the guest add it to userland_packages and run selftests/setup.

# On the host: what unit tests, fuzzers and style checks call, and what lays
# out the rest. Names with a version are resolved by selftests/setup.
host_packages=(
	build-essential gcc-multilib clang llvm
	make bc git rsync python3 sparse codespell shellcheck
	mmdebstrap debian-archive-keyring e2fsprogs kmod cpio
	zstd xz-utils util-linux mount procps patch
	libgnutls28-dev iproute2 pkg-config libnftables-dev libjansson-dev
	libmnl-dev libinih-dev libsystemd-dev libnghttp3-dev
	gnuplot-nox fonts-dejavu-core
)

# In each build chroot; the headers of its kernels come on top.
build_packages=(
	gcc libc6-dev make flex bison bc kmod cpio rsync sparse python3-minimal
	libelf-dev libssl-dev xz-utils zstd perl
)

# Other people's QUIC, which selftests/native meets.
peers_packages=(ngtcp2-client ngtcp2-server python3-aioquic)

# What runs the one that speaks multipath, which npm has.
iroh_packages=(nodejs)

# The machine: one QEMU and one virtiofsd, whatever the host has.
vmm_packages=(qemu-system-x86 virtiofsd)

# What tests find inside.
userland_packages=(
	bash coreutils util-linux procps psmisc kmod less
	iproute2 nftables conntrack ethtool wireguard-tools bpftool
	iperf3 iputils-ping tcpdump socat ncat netcat-openbsd curl openssl
	python3-minimal jq strace bc
	libgnutls30t64 libmnl0 libinih1 libsystemd0 libjansson4
	ngtcp2-client ngtcp2-server python3-aioquic nginx caddy
)

# Kernel name: suite, and the shape of its headers' package name.
stock_headers_6_12='linux-headers-6\.12\.[0-9.]+\+deb13(\.[0-9]+)?-cloud-amd64'
stock_headers_7_3='linux-headers-7\.3\.[0-9.]+\+deb13(\.[0-9]+)?-cloud-amd64'
stock_headers_bpo12='linux-headers-6\.12\.[0-9.]+\+deb12(\.[0-9]+)?-cloud-amd64'

# Source of the own kernels, of the in-tree build and of checkpatch.
source_package=linux-source-7.3
