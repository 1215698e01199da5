#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packet protection in a running kernel: what the load-time self-test is too
# quick or too polite for.  rmmod, because modprobe -r would take the AES driver
# along.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

# The module runs the test when it is loaded, and is refused if it fails.
in_kernel()
{
	dmesg --clear
	if ! modprobe tquic_aead_test "$@"; then
		dmesg | grep tquic
		return 1
	fi
	rmmod tquic_aead_test
}

# The best AES-GCM that answers at once; cryptd() takes no other. An instance of
# cryptd() or pcrypt() stays for the life of the kernel, above what it wraps, so
# the tests that make one come last.
gcm_driver()
{
	awk '$1 == "name" { name = $3 }
	     $1 == "driver" { driver = $3 }
	     $1 == "priority" { priority = $3 }
	     $1 == "async" && $3 == "no" && name == "gcm(aes)" &&
	     priority > best {
		best = priority
		found = driver
	     }
	     END { print found }' /proc/crypto
}

have()
{
	modprobe -q "$1"
}

refused()
{
	dmesg --clear
	if modprobe -q tquic_broken; then
		rmmod tquic_broken
		return 1
	fi
	dmesg | grep -q 'self-tests: multipath nonce: failed' &&
		! dmesg | grep -q 'self-tests: pass'
}

figures()
{
	dmesg | sed -n 's/.*tquic_aead_test: bench: /# /p'
}

modprobe -q aesni-intel
modprobe -q tquic && rmmod tquic

check 'a failing self-test refuses the load and is named' refused
check 'what does not fit is refused, nothing is left behind' \
	in_kernel test=limits
check 'buffers that others may see are not written' in_kernel test=sharing
rm -f /dev/tquic_aead_test
if grep -q ' T register_kprobe$' /proc/kallsyms; then
	check 'keys are zero when they are freed' in_kernel test=zeroing
else
	skip 'keys are zero when they are freed' 'no kprobes here'
fi
check 'many batches at once from every CPU' in_kernel test=load
for suite in 0x1301 0x1302 0x1303; do
	check "throughput of suite $suite" in_kernel test=bench suite=$suite \
		mb="${AEAD_BENCH_MB:-10}"
	figures
done
check 'throughput of masks' in_kernel test=masks
figures

driver=$(gcm_driver)
for wrapper in cryptd pcrypt; do
	if have $wrapper; then
		check "many asynchronous batches at once, $wrapper" in_kernel \
			test=load alg="$wrapper($driver)" async=1
	else
		skip "many asynchronous batches at once, $wrapper" \
			'not in this kernel'
	fi
done
if have cryptd || have pcrypt; then
	check 'the module loads when all of AES-GCM is asynchronous' \
		modprobe tquic
	rmmod tquic
fi
tap_done
