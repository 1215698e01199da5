// SPDX-License-Identifier: GPL-2.0
/* tquic_sched_minrtt.ko: see sched/minrtt.c, which knows nothing of modules. */
#include "registry.h"
#include "sched/minrtt.h"

module_tquic_sched(tquic_minrtt_ops);

MODULE_DESCRIPTION("Lowest round-trip time first, for multipath QUIC");
MODULE_AUTHOR("TQUIC developers");
MODULE_INFO(import_ns, "TQUIC");
MODULE_LICENSE("GPL");
