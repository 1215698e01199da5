# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The guest's root: one image for all kernels; modules come from outside.

# userland SUITE DIR
userland()
{
	local suite=$1 dir=$2 root=$2/root

	debootstrap "$suite" "$root" "${userland_packages[@]}"
	rm -rf "${root:?}"/var/{cache,lib/apt,log}/*
	mkdir -p "$root"/{vm,repo,share} "$root/usr/lib/modules"
	install -m 755 "$vm/userland/vm-init" "$root/vm-init"
	cp "$vm/userland/bashrc" "$root/root/.bashrc"
	# There is no udev that would make these links in /dev.
	mkdir "$root/etc/dev"
	ln -s /proc/self/fd "$root/etc/dev/fd"
	ln -s fd/0 "$root/etc/dev/stdin"
	ln -s fd/1 "$root/etc/dev/stdout"
	ln -s fd/2 "$root/etc/dev/stderr"
	echo tquic >"$root/etc/hostname"
	printf '127.0.0.1 localhost tquic\n::1 localhost\n' >"$root/etc/hosts"

	# Runs write to a throw-away layer over this, so no journal; the room
	# is sparse.
	mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$root" "$dir/root.ext4" 2G
	# The same as an initramfs, for runs that may not wait for a disk.
	(cd "$root" && find . -print0 | LC_ALL=C sort -z |
		cpio --quiet --null -o -H newc) >"$dir/root.cpio"
	rm -rf "$root"
}
