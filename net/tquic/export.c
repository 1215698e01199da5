// SPDX-License-Identifier: GPL-2.0
/*
 * What users of a connection that live in other modules call of the core: the
 * pure code itself knows nothing of modules.
 */
#include <linux/export.h>

#include "cc/cubic_curve.h"
#include "core/conn.h"

EXPORT_SYMBOL_GPL(tquic_cc_rand);
EXPORT_SYMBOL_GPL(tquic_conn_key_update);
EXPORT_SYMBOL_GPL(tquic_conn_open);
EXPORT_SYMBOL_GPL(tquic_conn_read);
EXPORT_SYMBOL_GPL(tquic_conn_write);
EXPORT_SYMBOL_GPL(tquic_cubic_curve_grow);
EXPORT_SYMBOL_GPL(tquic_cubic_curve_init);
EXPORT_SYMBOL_GPL(tquic_cubic_curve_pause);
EXPORT_SYMBOL_GPL(tquic_cubic_curve_reduce);
EXPORT_SYMBOL_GPL(tquic_reasm_peek);
EXPORT_SYMBOL_GPL(tquic_streams_find);
