# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Debian systems in directories: to build in, to run machines from, and to
# become the guest's root.

# debootstrap SUITE DIR PACKAGE...
debootstrap()
{
	local suite=$1 dir=$2 sources=$cache/apt/$1/sources.list
	shift 2

	# Nobody reads manuals in there, and fsync buys nothing for a
	# directory that is thrown away when its making is interrupted.
	mmdebstrap --mode=root --variant=minbase \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$(IFS=,; echo "$*")" \
		"$suite" "$dir" "$sources"
}
