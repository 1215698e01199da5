# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Building the modules of this repository against one kernel, in a copy, so
# that kernels do not share objects and the work tree stays clean.

# Source files that kernel modules are made from, NUL-separated. Asking git
# leaves out what another build has left behind; an exported tree has no git
# and nothing left behind either.
module_sources()
{
	local dir
	local -a dirs=()

	cd "$repo"
	for dir in net include Kconfig; do
		[ ! -e "$dir" ] || dirs+=("$dir")
	done
	while read -r dir; do
		dirs+=("$dir")
	done < <(find selftests -name Kbuild -printf '%h\n')
	if [ -e .git ]; then
		git -c safe.directory='*' ls-files -z -co --exclude-standard -- \
			"${dirs[@]}" | while IFS= read -r -d '' file; do
			[ ! -f "$file" ] || printf '%s\0' "$file"
		done
	else
		find "${dirs[@]}" -type f -print0
	fi
}

# Changes with every source file and with the kernel built against.
source_print()
{
	{
		module_sources | (cd "$repo" &&
			xargs -0 -r stat -c '%n %Y %s %Z')
		local part
		for part in "${kernel_build_parts[@]}"; do
			cat "$cache/$part/.stamp"
		done
		cat "$vm/lib/modules.sh"
	} | sha256sum
}

# copy_sources DIR: times are kept, so that make sees what has changed, and
# what has gone from the repository goes from the copy.
copy_sources()
{
	local dir=$1

	module_sources | sort -z >"$dir/.sources.new"
	if [ -f "$dir/.sources" ]; then
		comm -z -23 "$dir/.sources" "$dir/.sources.new" |
			(cd "$dir" && xargs -0 -r rm -f)
	fi
	mkdir -p "$dir/net/tquic"
	rsync -a --from0 --files-from="$dir/.sources.new" "$repo/" "$dir/"
	mv "$dir/.sources.new" "$dir/.sources"
}

# Directories with modules in the order in which they are built: test modules
# use what the product exports.
module_dirs()
{
	local dir=$1

	cd "$dir"
	for dir in net/tquic net/netfilter/tquic_nf; do
		[ ! -f "$dir/Makefile" ] || echo "$dir"
	done
	[ ! -d selftests ] || find selftests -name Kbuild -printf '%h\n' | sort
}

# build_modules DIR MAKE-ARGS...
build_modules()
{
	local dir=$1 kdir sub
	local -a dirs=() symbols=() more
	shift
	kdir=$(kernel_kdir "$kernel")
	mapfile -t dirs < <(module_dirs "$dir")

	for sub in "${dirs[@]}"; do
		more=()
		case $sub in
		selftests/*)
			# KCPPFLAGS comes last, so a module's own headers win.
			more+=("TQUIC_ROOT=/repo/build/mod/$kernel"
				"KCPPFLAGS=-I/repo/build/mod/$kernel/net/tquic") ;;
		esac
		[ ${#symbols[@]} -eq 0 ] ||
			more+=("KBUILD_EXTRA_SYMBOLS=${symbols[*]}")
		run_make "$sub" make -s -C "$kdir" "ARCH=$kernel_arch" \
			"-j$(nproc)" "M=/repo/build/mod/$kernel/$sub" \
			"${more[@]}" "$@" modules
		symbols+=("/repo/build/mod/$kernel/$sub/Module.symvers")
	done
}

# run_make SUBDIR MAKE...: messages name files as they are in the repository.
# A warning of sparse does not fail make; one about our files fails this.
run_make()
{
	local sub=$1 log=$dir/.make.log status
	shift

	set +e
	in_chroot "$kernel_chroot" "$@" 2>&1 |
		sed -u -E -e "s|/repo/build/mod/$kernel/||g" \
			-e "s|^([A-Za-z0-9_][A-Za-z0-9_/.-]*\.[chS]:[0-9]+)|$sub/\1|" \
			-e "s|^$sub/$sub/|$sub/|" -e "s|^$sub/selftests/|selftests/|" \
			-e "s|^$sub/net/|net/|" \
			-e '/Skipping BTF generation/d' \
			-e '/checker-valid.sh: No such file/d' \
			-e '/C=2 specified, but sparse is not available/d' |
		tee "$log" >&2
	status=${PIPESTATUS[0]}
	set -e
	if [ "$status" -ne 0 ]; then
		say "$sub does not build for $kernel"
		exit 1
	fi
	if [[ " $* " == *" C="[12]" "* ]] &&
	   grep -qE "^(net|selftests|include)/.*: (warning|error): " "$log"; then
		say "$sub has sparse warnings on $kernel"
		exit 1
	fi
}

# Proves that the files build where the kernel's own code lives.
build_in_tree()
{
	local tree=$cache/in-tree-7.3/linux dir=$repo/build/in-tree file sub
	kernel=7.3 kernel_chroot=chroot-trixie

	[ -f "$repo/net/tquic/Makefile" ] || die "there is no net/tquic/Makefile"
	mkdir -p "$dir"
	exec {lock}>"$dir/.lock"
	flock "$lock"
	rm -rf "$tree/net/tquic" "$tree/net/netfilter/tquic_nf"
	module_sources | while IFS= read -r -d '' file; do
		case $file in
		net/* | include/*)
			[ ! -e "$cache/source-7.3/linux/$file" ] ||
				die "$file would overwrite the kernel's own"
			install -D -m 644 -p "$repo/$file" "$tree/$file" ;;
		esac
	done
	in_tree_kconfig "$tree"
	for sub in net/tquic net/netfilter/tquic_nf; do
		run_make $sub make -s -C /cache/in-tree-7.3/linux \
			"-j$(nproc)" "M=$sub" "$@" modules
		say "in-tree: $(cd "$tree" && ls $sub/*.ko)"
	done
}

# The two lines that a patch series would add to files of the kernel.
in_tree_kconfig()
{
	local tree=$1

	[ -f "$tree/net/tquic/Kconfig" ] || return 0
	if ! grep -q tquic "$tree/net/Kconfig"; then
		# A new file: the old one is a link into the pristine tree.
		sed -i '/source "net\/mptcp\/Kconfig"/a source "net/tquic/Kconfig"' \
			"$tree/net/Kconfig"
		# shellcheck disable=SC2016 # make's variable
		sed -i '/CONFIG_MPTCP/a obj-$(CONFIG_TQUIC) += tquic/' \
			"$tree/net/Makefile"
	fi
	in_chroot chroot-trixie sh -euc '
		cd /cache/in-tree-7.3/linux
		scripts/config -m TQUIC
		make -s olddefconfig
		grep -x CONFIG_TQUIC=m .config ||
			{ echo "net/tquic/Kconfig does not define TQUIC"; exit 1; }
	' >&2
}
