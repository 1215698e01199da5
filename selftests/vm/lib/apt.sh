# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Debian packages of suites that the host does not have, without a trace in
# the host's apt configuration: own sources, own lists, no dpkg status.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The host's mirror, because a private one may be the only one in reach.
# apt itself reads both source formats best.
find_mirrors()
{
	local codename uri suite

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	mirror=http://deb.debian.org/debian
	security_mirror=http://deb.debian.org/debian-security
	while read -r uri suite; do
		case $suite in
		"$codename") mirror=${uri%/} ;;
		"$codename-security") security_mirror=${uri%/} ;;
		esac
	done < <(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
			'Created-By: Packages' 'Component: main' \
			'Origin: Debian' 2>/dev/null | sort -u)
}

# One-line format: mmdebstrap of Debian 12 wants it.
sources_of()
{
	local suite=$1 by="[signed-by=$keyring]"

	cat <<-EOF
	deb $by $mirror $suite main
	deb $by $mirror $suite-updates main
	deb $by $mirror $suite-backports main
	deb $by $security_mirror $suite-security main
	EOF
}

# apt_for SUITE COMMAND...: apt-get or apt-cache as seen from SUITE.
apt_for()
{
	local root=$cache/apt/$1 tool=$2
	shift 2

	"$tool" -o Dir::Etc::sourcelist="$root/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State="$root/state" \
		-o Dir::State::status=/dev/null \
		-o Dir::Cache="$root/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 \
		-o APT::Sandbox::User=root -o Acquire::Languages=none \
		-o Dpkg::Use-Pty=0 -q "$@"
}

# Lists younger than an hour are good enough: set-up is called often.
apt_refresh()
{
	local suite=$1 root=$cache/apt/$1

	mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial"
	sources_of "$suite" >"$root/sources.new"
	if cmp -s "$root/sources.new" "$root/sources.list" &&
	   [ -n "$(find "$root/fresh" -mmin -60 2>/dev/null)" ]; then
		return
	fi
	mv "$root/sources.new" "$root/sources.list"
	apt_for "$suite" apt-get update >"$root/update.log" 2>&1 || {
		cat "$root/update.log" >&2
		die "no package lists of $suite from $mirror: is it in reach?"
	}
	touch "$root/fresh"
}

# newest SUITE REGEX: the package of that shape with the highest version.
newest()
{
	local name

	name=$(apt_for "$1" apt-cache pkgnames | grep -E "^$2\$" |
		sort -V | tail -n 1)
	[ -n "$name" ] || die "$mirror has no package like $2 for $1"
	echo "$name"
}

# version_of SUITE PACKAGE
version_of()
{
	local version

	version=$(apt_for "$1" apt-cache show "$2" 2>/dev/null |
		sed -n 's/^Version: //p' | sort -V | tail -n 1)
	[ -n "$version" ] || die "$mirror has no package $2 for $1"
	echo "$version"
}

# fetch SUITE DIR PACKAGE...: the .deb files, unpacked into DIR/root.
fetch()
{
	local suite=$1 dir=$2 deb
	shift 2

	mkdir -p "$dir/debs" "$dir/root"
	(cd "$dir/debs" && apt_for "$suite" apt-get download "$@")
	for deb in "$dir"/debs/*.deb; do
		dpkg-deb -x "$deb" "$dir/root"
	done
	rm -r "$dir/debs"
}
