# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A peer that speaks multipath: iroh, of which npm has a built library for
# Node.js.  Debian's Node.js comes along, with what it needs, since the guest
# has none.

# iroh DIR: node, lib/, nodejs/ and iroh.node
iroh()
{
	local dir=$1 root=$1/root npm=$1/npm

	command -v npm >/dev/null || die "iroh: there is no npm on this host"
	mkdir -p "$npm"
	cp "$vm"/lib/iroh/package*.json "$npm"
	# The lock file has the hash of what is fetched.
	(cd "$npm" && npm ci --ignore-scripts --no-audit --no-fund)
	cp "$npm"/node_modules/@number0/iroh-linux-x64-gnu/*.node \
		"$dir/iroh.node"
	debootstrap trixie "$root" "${iroh_packages[@]}"
	mkdir "$dir/lib"
	cp "$root/usr/bin/node" "$dir"
	# parts of it that Debian keeps apart: /usr/share/nodejs
	cp -rL "$root/usr/share/nodejs" "$dir"
	# The guest's C library goes with the guest's loader.
	chroot "$root" ldd /usr/bin/node | sed -n 's/.* => \([^ ]*\) .*/\1/p' |
		grep -v '/lib[cm]\.so' | while read -r lib; do
			cp -L "$root$lib" "$dir/lib"
		done
	rm -rf --one-file-system "${root:?}" "${npm:?}"
}
