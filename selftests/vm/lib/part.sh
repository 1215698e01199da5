# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The cache is made of parts: a directory each, with a stamp that names what
# it was made from. A part appears by rename when it is complete, so whatever
# interrupts a set-up leaves the old part or none, never half of one.

# part_fresh NAME RECIPE [VERSIONS]: is what is there made from this? Without
# VERSIONS, as selftests/vm/run asks, any package version will do.
part_fresh()
{
	local dir=$cache/$1 recipe versions

	[ -f "$dir/.stamp" ] || return
	{ read -r recipe && read -r versions; } <"$dir/.stamp"
	[ "$recipe" = "$2" ] || return
	[ $# -lt 3 ] || [ "$versions" = "$3" ]
}

# part_make NAME RECIPE VERSIONS COMMAND...: make it unless it is fresh.
# COMMAND gets the directory to fill as its last argument.
part_make()
{
	local name=$1 recipe=$2 versions=$3 new start=$SECONDS
	local log=$cache/log/$name.log
	shift 3

	if part_fresh "$name" "$recipe" "$versions"; then
		say "$(clock) $name: up to date"
		return
	fi
	say "$(clock) $name: making it (log: $log)"
	new=$cache/.new.$name
	rm -rf --one-file-system "$new"
	mkdir -p "$new" "$cache/log"
	# A subshell with errexit of its own: in a condition it would be off.
	set +e
	(set -e; "$@" "$new") >"$log" 2>&1
	local status=$?
	set -e
	if [ $status -ne 0 ]; then
		tail -n 15 "$log" | sed "s/^/    /" >&2
		say "$(clock) $name: FAILED, the whole log is in $log"
		rm -rf --one-file-system "$new"
		return 1
	fi
	printf '%s\n%s\n' "$recipe" "$versions" >"$new/.stamp"
	rm -rf --one-file-system "$cache/.old.$name"
	[ ! -e "$cache/$name" ] || mv "$cache/$name" "$cache/.old.$name"
	mv "$new" "$cache/$name"
	rm -rf --one-file-system "$cache/.old.$name"
	say "$(clock) $name: ready after $((SECONDS - start)) s"
}

clock()
{
	printf '[%4d s]' "$SECONDS"
}
