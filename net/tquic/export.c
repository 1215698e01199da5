// SPDX-License-Identifier: GPL-2.0
/*
 * What users of a connection that live in other modules call of the core: the
 * pure code itself knows nothing of modules.
 */
#include <linux/export.h>

#include "core/conn.h"

EXPORT_SYMBOL_GPL(tquic_cc_rand);
EXPORT_SYMBOL_GPL(tquic_conn_key_update);
EXPORT_SYMBOL_GPL(tquic_conn_open);
EXPORT_SYMBOL_GPL(tquic_conn_read);
EXPORT_SYMBOL_GPL(tquic_conn_write);
EXPORT_SYMBOL_GPL(tquic_reasm_peek);
EXPORT_SYMBOL_GPL(tquic_streams_find);
