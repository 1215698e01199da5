/* SPDX-License-Identifier: GPL-2.0 */
/* The sending end of a benchmark run. */
#ifndef _TQUIC_DP_TX_H
#define _TQUIC_DP_TX_H

#include "opts.h"

struct dp_link;
struct dp_tx;
struct net;

struct dp_tx *dp_tx_start(struct net *net, const struct dp_opts *opts);
void dp_tx_stop(struct dp_tx *tx);
const struct dp_link *dp_tx_link(const struct dp_tx *tx);

#endif /* _TQUIC_DP_TX_H */
