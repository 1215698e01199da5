# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a kernel's name stands for.

kernel_names='6.12 7.3 bpo12 uml debug debug-smp'

# kernel_find NAME: sets kernel_build_parts, kernel_run_parts (nothing for a
# kernel that is only built for), kernel_chroot and kernel_arch.
kernel_find()
{
	kernel_chroot=chroot-trixie
	kernel_arch=x86_64
	kernel_run_parts=(vmm userland "kernel-$1")
	case $1 in
	6.12 | 7.3)
		kernel_build_parts=("$kernel_chroot" "kernel-$1") ;;
	bpo12)
		kernel_chroot=chroot-bookworm
		kernel_run_parts=()
		kernel_build_parts=("$kernel_chroot") ;;
	uml | debug | debug-smp)
		kernel_arch=$(own_arch "$1")
		kernel_build_parts=("$kernel_chroot" source-7.3 "kernel-$1") ;;
	*)
		die "no kernel is called '$1', there are: $kernel_names" ;;
	esac
}

# Where the kernel's makefile is, as seen from inside the chroot.
kernel_kdir()
{
	local release

	case $1 in
	6.12 | 7.3)
		release=$(cat "$cache/kernel-$1/release")
		if [ ! -d "$cache/$kernel_chroot/root/usr/src/linux-headers-$release" ]; then
			die "the headers and the kernel $release do not match:" \
				"run selftests/setup --stock"
		fi
		echo "/usr/src/linux-headers-$release" ;;
	bpo12)
		find "$cache/$kernel_chroot/root/usr/src" -maxdepth 1 \
			-name 'linux-headers-*-cloud-amd64' -printf '/usr/src/%f\n' ;;
	*)
		echo "/cache/kernel-$1/build" ;;
	esac
}

# need_parts PART...: make what is missing or stale; asking takes no network
# and little time.
need_parts()
{
	local part
	local -a missing=()

	for part in "$@"; do
		part_fresh "$part" "$(part_recipe "$part")" ||
			missing+=(--part "$part")
	done
	[ ${#missing[@]} -eq 0 ] || "$repo/selftests/setup" "${missing[@]}" >&2
}
