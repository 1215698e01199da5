# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The parts of the cache: for each what it needs first, what it is made from
# and how. selftests/setup makes them, selftests/vm/run only asks.

for lib in own stock source userland iroh; do
	. "$vm/lib/$lib.sh"
done

stock_parts=(chroot-trixie chroot-bookworm peers vmm userland
	kernel-6.12 kernel-7.3 checkpatch)
other_parts=(iroh source-7.3 in-tree-7.3 "${own_kernels[@]/#/kernel-}")

part_known()
{
	[[ " ${stock_parts[*]} ${other_parts[*]} " == *" $1 "* ]]
}

part_needs()
{
	case $1 in
	in-tree-7.3) echo source-7.3 kernel-7.3 chroot-trixie ;;
	kernel-6.12 | kernel-7.3) ;;
	kernel-*) echo source-7.3 chroot-trixie ;;
	esac
}

# Changes whenever the part has to be made anew.
part_recipe()
{
	local lib=$vm/lib name=${1#kernel-}

	case $1 in
	chroot-trixie | chroot-bookworm)
		hash_of "$lib/debian.sh" "${build_packages[@]}" ;;
	peers)
		hash_of "$lib/debian.sh" "${peers_packages[@]}" ;;
	iroh)
		hash_of "$lib/debian.sh" "$lib/iroh.sh" "$lib"/iroh/* \
			"${iroh_packages[@]}" ;;
	vmm)
		hash_of "$lib/debian.sh" "${vmm_packages[@]}" ;;
	userland)
		hash_of "$lib/debian.sh" "$lib/userland.sh" \
			"$vm"/userland/* "${userland_packages[@]}" ;;
	kernel-6.12 | kernel-7.3)
		hash_of "$lib/stock.sh" ;;
	checkpatch)
		hash_of "$lib/source.sh" "$source_package" ;;
	source-7.3 | in-tree-7.3)
		hash_of "$lib/source.sh" "$vm"/patches/* "$source_package" ;;
	kernel-*)
		hash_of "$lib/own.sh" "$(own_configs "$name" |
			xargs -n 1 | sed "s|^|$vm/configs/|" | xargs cat)" \
			"$(own_patches "$name")" ;;
	esac
}

# Called with the cache locked and the lists fresh: finds out which packages it would be, then
# makes the part if that or the recipe has changed.
setup_part()
{
	local part=$1 recipe headers headers2 version
	recipe=$(part_recipe "$part")

	case $part in
	chroot-trixie)
		headers=$(newest trixie "$stock_headers_6_12")
		headers2=$(newest trixie "$stock_headers_7_3")
		version="$headers $headers2"
		part_make "$part" "$recipe" "$version" \
			build_chroot trixie "$headers" "$headers2" ;;
	chroot-bookworm)
		headers=$(newest bookworm "$stock_headers_bpo12")
		part_make "$part" "$recipe" "$headers" \
			build_chroot bookworm "$headers" ;;
	kernel-6.12 | kernel-7.3)
		headers=stock_headers_${part#kernel-}
		headers=${headers/./_}
		headers=$(newest trixie "${!headers}")
		part_make "$part" "$recipe" \
			"$headers $(version_of trixie "$headers")" \
			stock_kernel trixie "$headers" ;;
	peers)
		version=$(for name in "${peers_packages[@]}"; do
			version_of trixie "$name"
		done | xargs)
		part_make "$part" "$recipe" "$version" peers_chroot ;;
	iroh)
		version=$(version_of trixie "${iroh_packages[0]}")
		part_make "$part" "$recipe" "$version" iroh ;;
	vmm)
		version=$(version_of trixie "${vmm_packages[0]}")
		part_make "$part" "$recipe" "$version" vmm_chroot ;;
	userland)
		version=$(version_of trixie base-files)
		part_make "$part" "$recipe" "$version" userland trixie ;;
	checkpatch | source-7.3 | in-tree-7.3 | kernel-*)
		version=$(version_of trixie "$source_package")
		case $part in
		checkpatch) set -- checkpatch ;;
		source-7.3) set -- source_tree ;;
		in-tree-7.3) set -- in_tree ;;
		kernel-*) set -- own_kernel "${part#kernel-}" ;;
		esac
		part_make "$part" "$recipe" "$version" "$@" ;;
	esac
}

# build_chroot SUITE HEADERS... DIR
build_chroot()
{
	local suite=$1 dir=${!#}

	debootstrap "$suite" "$dir/root" "${build_packages[@]}" \
		"${@:2:$#-2}"
}

peers_chroot()
{
	debootstrap trixie "$1/root" "${peers_packages[@]}"
}

vmm_chroot()
{
	debootstrap trixie "$1/root" "${vmm_packages[@]}"
}
