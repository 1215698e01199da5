# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Stock Debian kernels, unpacked from their packages, never installed.

# Debian 12 and 13 ship one image package; from 7.0 on there are three.
stock_packages()
{
	local release=${1#linux-headers-}

	if [[ $release == 6.* ]]; then
		echo "linux-image-$release"
	else
		echo "linux-binary-$release linux-modules-$release" \
			"linux-base-$release"
	fi
}

# stock_kernel SUITE HEADERS DIR
stock_kernel()
{
	local suite=$1 release=${2#linux-headers-} dir=$3 vmlinuz
	local -a packages

	read -ra packages < <(stock_packages "$2")
	fetch "$suite" "$dir" "${packages[@]}"

	vmlinuz=$(find "$dir/root" -name 'vmlinuz*' -type f)
	unpack_vmlinux "$vmlinuz" "$dir/vmlinux"
	mv "$dir/root/usr/lib/modules/$release" "$dir/modules"
	rm -rf "$dir/root" "$dir/modules/vmlinuz"
	# Unpacking xz costs an emulated CPU 20 ms and more per module.
	find "$dir/modules" -name '*.ko.xz' -print0 |
		xargs -0 -n 64 -P "$(nproc)" unxz
	echo "$release" >"$dir/release"
	echo qemu >"$dir/machine"
}

# The ELF file inside a vmlinuz: booting that directly saves the second which
# an emulated CPU takes to unpack it.
unpack_vmlinux()
{
	local offset

	while read -r offset; do
		# What follows the payload makes zstd complain at the end.
		tail -c "+$((offset + 1))" "$1" | zstd -dcq >"$2" 2>/dev/null ||
			true
		[ "$(head -c 4 "$2" | tail -c 3)" != ELF ] || return 0
	done < <(LC_ALL=C grep -abo $'\x28\xb5\x2f\xfd' "$1" | cut -d : -f 1)
	echo "no zstd-compressed ELF file in $1" >&2
	return 1
}
