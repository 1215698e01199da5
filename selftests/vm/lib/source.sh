# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What is taken from Debian's kernel source package.

# The tarball of the source package on standard output, unpacked.
source_tar()
{
	local dir=$1

	(cd "$dir" && apt_for trixie apt-get download "$source_package" >&2)
	dpkg-deb --fsys-tarfile "$dir"/"$source_package"_*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		xz -dc -T 0
	rm "$dir"/"$source_package"_*.deb
}

# The style checkers, for selftests/style.
checkpatch()
{
	local dir=$1

	source_tar "$dir" | tar -x -C "$dir" --strip-components=1 --wildcards \
		'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
		'*/scripts/const_structs.checkpatch' \
		'*/scripts/kernel-doc*' '*/tools/docs/kernel-doc' \
		'*/tools/lib/python/*'
	cp "$dir"/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch} \
		"$dir/"
}

# The whole tree, for own kernels.
source_tree()
{
	local dir=$1

	mkdir "$dir/linux"
	source_tar "$dir" | tar -x -C "$dir/linux" --strip-components=1
	cat "$vm"/patches/*.patch | patch -d "$dir/linux" -p1
}

# A tree of its own that net/tquic can be copied into, configured like the
# stock kernel. The source files are links, kbuild's output is not.
in_tree()
{
	local dir=$1 release
	release=$(cat "$cache/kernel-7.3/release")

	cp -al "$cache/source-7.3/linux" "$dir/linux"
	in_chroot chroot-trixie sh -euc '
		cd "$1"
		cp /usr/src/linux-headers-"$2"/.config .
		cp /usr/src/linux-headers-"$2"/Module.symvers .
		scripts/config -d DEBUG_INFO_BTF -d MODULE_SIG \
			--set-str SYSTEM_TRUSTED_KEYS ""
		make -s olddefconfig
		make -s -j"$(nproc)" modules_prepare
	' in_tree "/cache/${dir##*/}/linux" "$release"
}
