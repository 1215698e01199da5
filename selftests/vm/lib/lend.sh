# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a machine gets to see, and starting it.
#
# A directory is put together from bind mounts in a mount namespace of the
# machine's own: repo (read-only), share, modules and ctl, through which the
# command goes in and its status comes out. The guest has it as /vm.

# lend_files DIR: the things that only this run has.
lend_files()
{
	local dir=$1 base=$cache/kernel-$kernel/modules

	sweep
	mkdir -p "$dir/ctl" "$dir/modules/updates" "$dir/modules/kernel"
	if [ ${#command[@]} -gt 0 ]; then
		printf '%q ' "${command[@]}" >"$dir/ctl/command"
	fi
	cat >"$dir/ctl/settings" <<-EOF
	machine=$machine
	icount=$icount
	shell=$shell
	timeout=$timeout
	TERM=${TERM:-dumb}
	size='$(stty size 2>/dev/null || true)'
	EOF

	# Copies: the next build must not change what this machine loads.
	find "$repo/build/mod/$kernel" -name '*.ko' \
		-exec cp -t "$dir/modules/updates" {} + 2>/dev/null || true
	cp "$base"/modules.{order,builtin*} "$dir/modules/"
	index_modules "$dir"
	[ -z "$icount" ] || pack_initramfs "$dir"
}

# What runs that were killed have left.
sweep()
{
	local old

	for old in "$repo"/build/vm/run.*; do
		[ ! -d "$old" ] || [ -e "/proc/${old##*.}" ] ||
			rm -rf --one-file-system "$old"
	done
}

# Done out here, where it takes a tenth of a second.
index_modules()
{
	local dir=$1 release
	release=$(cat "$cache/kernel-$kernel/release")

	mkdir -p "$dir/index/lib/modules/$release"
	ln -s "$dir/modules/updates" "$dir/modules"/modules.* \
		"$dir/index/lib/modules/$release/"
	ln -s "$cache/kernel-$kernel/modules/kernel" \
		"$dir/index/lib/modules/$release/kernel"
	depmod -b "$dir/index" "$release"
	find "$dir/index/lib/modules/$release" -maxdepth 1 -type f \
		-exec mv -t "$dir/modules" {} +
	rm -r "$dir/index"
}

# Under --icount nothing may arrive at a moment that the host chooses, so the
# guest gets all its files before its first instruction. Times and order are
# fixed, because unpacking them is counted, too.
pack_initramfs()
{
	local dir=$1 tree=$1/tree/vm

	mkdir -p "$tree/repo" "$tree/modules/kernel" "$tree/share"
	(cd "$repo" && git -c safe.directory='*' ls-files -z -co \
			--exclude-standard |
		rsync -a --from0 --files-from=- --ignore-missing-args \
			./ "$tree/repo/")
	[ -z "$share" ] || cp -a "$share/." "$tree/share/"
	cp -a "$dir/ctl" "$tree/"
	cp -a "$dir"/modules/{updates,modules.*} "$tree/modules/"
	(cd "$cache/kernel-$kernel/modules" &&
		rsync -a --relative --ignore-missing-args kernel/net \
			kernel/crypto kernel/lib kernel/arch \
			kernel/drivers/net "$tree/modules/")
	find "$dir/tree" -depth -exec touch -h -d @0 {} +
	(cd "$dir/tree" && find . -print0 | LC_ALL=C sort -z |
		cpio --quiet --null --reproducible -o -H newc) >"$dir/vm.cpio"
	# The kernel unpacks one archive after the other.
	cat "$cache/userland/root.cpio" "$dir/vm.cpio" >"$dir/initrd"
	rm -r "$dir/tree" "$dir/vm.cpio"
}

# Sets job. Killing that kills the first process of a process namespace and
# with it all others, however this script ends.
start_machine()
{
	local -a limit=()

	[ "$timeout" -eq 0 ] ||
		limit=(timeout --foreground -s KILL "$timeout")
	export kernel machine cpus mem accel icount shell
	setpriv --pdeathsig KILL "${limit[@]}" \
		setpriv --pdeathsig KILL \
		unshare --mount --propagation private --pid --fork --kill-child \
		"$vm/lib/machine" "$cache" "$dir" "$repo" "$share" \
		<&0 >&3 2>"$dir/machine.log" &
	job=$!
}
