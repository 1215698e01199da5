/* SPDX-License-Identifier: GPL-2.0 */
/* From UDP sockets to whom packets are for. */
#ifndef _TQUIC_INPUT_H
#define _TQUIC_INPUT_H

#include <linux/skbuff.h>

#include "core/tuple.h"

struct tquic_udp;

/* the operations of struct tquic_udp_net */
void tquic_input_rx(struct tquic_udp *udp, struct sk_buff *skb);
void tquic_input_icmp(struct tquic_udp *udp, const struct tquic_tuple *tuple,
		      int err, u32 mtu);

#endif /* _TQUIC_INPUT_H */
