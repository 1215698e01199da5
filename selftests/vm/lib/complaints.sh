# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What in the kernel's log fails a run, and the verdict on a run.

complaints=$vm/complaints

# complaint_lines LOG: the complaints in a kernel log, with line numbers. What
# comes before the first process is the kernel's own affair (user-mode Linux
# with RCU checks on complains about how it starts its CPUs), what comes after
# the time is out has been asked for.
complaint_lines()
{
	# The status is grep's.
	sed -e '1,/Run \/vm-init as init process/s/.*//' \
		-e '/tquic-vm: out of time;/,$d' "$1" |
		grep -nE -f <(grep -vE '^(#|$)' "$complaints")
}

# When one emulated CPU writes an instruction while another one translates it,
# QEMU can keep the old one for good (its store and its invalidation are two
# steps). The kernel changes static branches by way of a breakpoint, and one
# that stays behind gives this oops, which no module can cause. It is rare, and
# comes with a loaded host, mostly at boot. KVM and one CPU do not have it.
emulator_tripped()
{
	[ "$machine" = qemu ] && [ "$accel" = tcg ] && [ "$cpus" -gt 1 ] &&
		[ -f "$dir/console.log" ] &&
		grep -m 1 -E 'Oops:|BUG:|WARNING:' "$dir/console.log" |
			grep -q 'Oops: int3'
}

# watch_boot JOB: after that a boot does not get to its end, nor end.
watch_boot()
{
	while [ ! -e "$dir/ctl/begun" ] && kill -0 "$1" 2>/dev/null; do
		if emulator_tripped; then
			kill -KILL "$1"
			return
		fi
		sleep 1
	done
}

# judge STATUS-OF-MACHINE: exits.
judge()
{
	local machine_status=$1 log=$dir/console.log verdict='' first status=''

	[ ! -f "$dir/ctl/status" ] || status=$(cat "$dir/ctl/status")
	[ -f "$log" ] || : >"$log"

	if emulator_tripped; then
		verdict=125
		say "QEMU kept a breakpoint that the kernel had taken back" \
			"(see lib/complaints.sh): not the module's fault, run it again"
	elif first=$(complaint_lines "$log"); then
		# No "| head" here: it would end the others by SIGPIPE, which
		# pipefail takes for a failure, once the log is long enough.
		first=${first%%:*}
		verdict=126
		say "the kernel complained:"
		sed -n "$first,$((first + 39))s/^/    /p" "$log" >&2
	fi
	if [ -s "$dir/ctl/findings" ] && [ "$verdict" != 125 ]; then
		verdict=126
		say "after COMMAND:"
		head -n 60 "$dir/ctl/findings" | sed 's/^/    /' >&2
	fi
	if [ -z "$verdict" ] && [ -z "$status" ]; then
		# "timeout" dies by the signal that it was told to send.
		if [ "$timeout" -gt 0 ] && [ "$SECONDS" -ge "$timeout" ] &&
		   [ "$machine_status" -eq 137 ]; then
			verdict=124
			say "no end after $timeout s (--timeout), killed"
			sed -n '/tquic-vm: out of time;/,$s/^/    /p' "$log" >&2
		else
			verdict=125
			say "the machine stopped before COMMAND ended"
			tail -n 20 "$dir/machine.log" "$log" |
				sed 's/^/    /' >&2
		fi
	elif [ -z "$verdict" ] && [ ! -f "$dir/ctl/done" ]; then
		verdict=126
		say "COMMAND ended with $status, but the machine never came to rest"
		tail -n 20 "$log" | sed 's/^/    /' >&2
	fi

	if [ -n "$verdict" ] || [ -n "$keep" ]; then
		keep_log
	fi
	exit "${verdict:-$status}"
}

# The last hundred, so that nothing fills the disk.
keep_log()
{
	local logs=$repo/build/vm/logs name

	name=$logs/$(date +%Y%m%d-%H%M%S)-$kernel-$$
	mkdir -p "$name"
	cp "$dir/console.log" "$dir/machine.log" "$name/"
	cp "$dir"/ctl/* "$name/"
	find "$logs" -mindepth 1 -maxdepth 1 -type d | sort | head -n -100 |
		xargs -r -d '\n' rm -rf
	say "log: $name/console.log"
}
