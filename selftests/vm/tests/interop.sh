#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sockets of the kernel meet other people's QUIC: one case of each peer.  All
# of them are in make interop.
exec "$(dirname "$0")/../../interop/run" --quick
