// SPDX-License-Identifier: GPL-2.0
/* tquic_cong_bbr.ko: see cc/bbr.c, which knows nothing of modules. */
#include "cc/algos.h"
#include "registry.h"

module_tquic_cc(tquic_bbr_ops);

MODULE_DESCRIPTION("BBR congestion control for multipath QUIC");
MODULE_AUTHOR("TQUIC developers");
MODULE_INFO(import_ns, "TQUIC");
MODULE_LICENSE("GPL");
