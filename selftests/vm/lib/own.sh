# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Kernels that no distribution ships: user-mode Linux for native speed, and
# kernels with the debugging features on.

own_kernels=(uml debug debug-smp)

own_configs()
{
	case $1 in
	uml) echo net.config um.config ;;
	debug) echo net.config um.config debug.config debug-um.config ;;
	debug-smp) echo net.config x86.config debug.config debug-x86.config ;;
	esac
}

own_arch()
{
	case $1 in
	uml | debug) echo um ;;
	*) echo x86_64 ;;
	esac
}

# What the source has been patched with that matters for this kernel.
own_patches()
{
	[ "$(own_arch "$1")" != um ] || cat "$vm"/patches/um-*.patch
}

# own_kernel NAME DIR
own_kernel()
{
	local name=$1 dir=$2 arch build=/cache/${2##*/}/build config
	local -a configs make
	arch=$(own_arch "$name")
	read -ra configs < <(own_configs "$name")

	mkdir -p "$dir/build"
	for config in "${configs[@]}"; do
		cat "$vm/configs/$config"
	done >"$dir/fragment"
	echo "CONFIG_LOCALVERSION=\"-tquic-$name\"" >>"$dir/fragment"

	make=(in_chroot chroot-trixie make -s -C "/cache/source-7.3/linux"
		"O=$build" "ARCH=$arch" "-j$(nproc)")
	"${make[@]}" KCONFIG_ALLCONFIG="/cache/${dir##*/}/fragment" allnoconfig
	check_config "$dir/fragment" "$dir/build/.config"
	if [ "$arch" = um ]; then
		"${make[@]}" all
		install -s "$dir/build/linux" "$dir/linux"
		echo uml >"$dir/machine"
	else
		# Not the ELF file: its PVH entry runs code with KASAN checks
		# before there is a shadow to check against.
		"${make[@]}" bzImage modules
		cp "$dir/build/arch/x86/boot/bzImage" "$dir/bzImage"
		echo qemu >"$dir/machine"
	fi
	cat "$dir/build/include/config/kernel.release" >"$dir/release"
	own_modules "$dir" "$build"
	prune "$dir/build"
	# kbuild has noted where it worked, and this directory moves.
	sed -i "s|/cache/${dir##*/}/|/cache/kernel-$name/|g" \
		"$dir/build/Makefile"
}

own_modules()
{
	local dir=$1 build=$2 release
	release=$(cat "$dir/release")

	"${make[@]}" INSTALL_MOD_PATH="/cache/${dir##*/}/root" \
		INSTALL_MOD_STRIP=1 DEPMOD=true modules_install
	mv "$dir/root/lib/modules/$release" "$dir/modules"
	rm -rf "$dir/root" "$dir/modules"/{build,source}
}

# A kernel that silently lacks a detector would pass every test.
check_config()
{
	local line lost=0

	while read -r line; do
		case $line in
		CONFIG_*=m)
			grep -qE "^${line%m}[my]\$" "$2" && continue ;;
		CONFIG_*)
			grep -qxF "$line" "$2" && continue ;;
		'# CONFIG_'*' is not set')
			grep -qF "${line:2:-10}=" "$2" || continue ;;
		*)
			continue ;;
		esac
		echo "lost to the kernel's dependency rules: $line" >&2
		lost=1
	done <"$1"
	return $lost
}

# Building modules takes headers, scripts and Module.symvers, not objects.
prune()
{
	find "$1" -type f ! -path "$1/scripts/*" ! -path "$1/tools/*" \
		\( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name 'vmlinux*' \
		-o -name '.vmlinux*' -o -name '.tmp_*' -o -name linux \
		-o -name bzImage \) -delete
}
