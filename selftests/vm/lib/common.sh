# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Where things are, and how the scripts of the bench speak and give up.
# Sourced by every script after it has set "me".

# The repository, found through this file, so that any directory will do.
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
vm=$repo/selftests/vm
cache=${TQUIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tquic}

say()
{
	echo "$me: $*" >&2
}

# The status says "could not even start": see selftests/vm/run --help.
die()
{
	say "$@"
	exit 125
}

# Chroots and mount namespaces need it, and half a set-up helps nobody.
need_root()
{
	[ "$(id -u)" -eq 0 ] || die "must run as root: sudo $0"
}

# Hash of files and words: what a cached thing was made from.
hash_of()
{
	local arg

	for arg in "$@"; do
		if [ -f "$arg" ]; then
			cat "$arg"
		else
			echo "$arg"
		fi
	done | sha256sum | cut -c 1-16
}
