# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# KVM where it works. A /dev/kvm that can be opened says little: nested and
# emulated ones fail on what a distribution kernel does, so it is tried.

find_accel()
{
	local boot answer
	boot=$(cat /proc/sys/kernel/random/boot_id)
	answer=$cache/kvm-$boot

	if [ ! -w /dev/kvm ]; then
		echo tcg
		return
	fi
	if [ ! -f "$answer" ]; then
		rm -f "$cache"/kvm-*
		probe_kvm >"$answer.$$"
		mv "$answer.$$" "$answer"
	fi
	cat "$answer"
}

# Boots the stock kernel as far as the missing root disk.
probe_kvm()
{
	local log
	log=$(mktemp)

	unshare --mount --propagation private --pid --fork --kill-child \
		bash -euc '
			mount --rbind /dev "$1/vmm/root/dev"
			mount --bind "$1/kernel-6.12" "$1/vmm/root/mnt"
			exec timeout -s KILL 8 chroot "$1/vmm/root" \
				qemu-system-x86_64 -accel kvm -cpu host -m 256 \
				-nodefaults -nographic -no-reboot -nic none \
				-serial stdio -kernel /mnt/vmlinux \
				-append "console=ttyS0 panic=-1"
		' probe "$cache" <"/dev/null" >"$log" 2>&1 || true
	if grep -q 'Unable to mount root fs' "$log"; then
		echo kvm
	else
		echo tcg
	fi
	rm -f "$log"
}
