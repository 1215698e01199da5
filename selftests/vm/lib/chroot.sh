# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Running things inside the build chroots.

# in_chroot NAME COMMAND...: run it there, with the cache at /cache and the
# repository at /repo. The mounts live in a namespace of their own and go away
# with the command, however it ends.
in_chroot()
{
	local root=$cache/$1/root
	shift

	mkdir -p "$root/cache" "$root/repo"
	unshare --mount --propagation private bash -euc '
		root=$1 cache=$2 repo=$3; shift 3
		mount --rbind /dev "$root/dev"
		mount -t proc proc "$root/proc"
		mount -t tmpfs tmpfs "$root/tmp"
		mount --bind "$cache" "$root/cache"
		mount --bind "$repo" "$root/repo"
		cd /
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 \
			HOME=/root "$@"
	' in_chroot "$root" "$cache" "$repo" "$@"
}
