#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# probe.sh SOURCE RESULT COMPILER [FLAG...]
#
# Ask the compiler which of its two forms SOURCE compiles in, see compat.mk.
set -eu

src=$1
result=$2
shift 2

name=$(basename "$src" .c)
macro=TQUIC_HAVE_$(echo "$name" | tr 'a-z-' 'A-Z_')
log=$result.log
mkdir -p "$(dirname "$result")"
rm -f "$result"

# Warnings tell nothing, except those that mean another interface.
try() {
	"$cc" "$@" -fsyntax-only -DMODULE -Wno-error \
		-Werror=implicit-function-declaration \
		-Werror=incompatible-pointer-types \
		-Werror=int-conversion "$src" >>"$log" 2>&1
}

cc=$1
shift
: >"$log"
if try "$@"; then
	form=new
elif try "$@" -DTQUIC_PROBE_OLD; then
	form=old
else
	echo "$src: neither the new nor the old form compiles:" >&2
	cat "$log" >&2
	rm -f "$log"
	exit 1
fi
rm -f "$log"

case $name in
control-*)
	if [ "$name" != "control-$form" ]; then
		echo "$src: the $form form was taken: probes mean nothing" \
			"with this compiler and these flags" >&2
		exit 1
	fi
	echo "/* $name: as it should be */" >"$result"
	exit 0
	;;
esac

if [ "$form" = new ]; then
	echo "#define $macro 1" >"$result"
else
	echo "/* $macro is not defined */" >"$result"
fi
