/* SPDX-License-Identifier: GPL-2.0 */
/* The receiving end of a benchmark run. */
#ifndef _TQUIC_DP_RX_H
#define _TQUIC_DP_RX_H

#include "opts.h"

struct dp_link;
struct dp_rx;
struct net;

struct dp_rx *dp_rx_start(struct net *net, const struct dp_opts *opts);
void dp_rx_stop(struct dp_rx *rx);
const struct dp_link *dp_rx_link(const struct dp_rx *rx);

#endif /* _TQUIC_DP_RX_H */
