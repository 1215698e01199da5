/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network that loses, delays, repeats and changes datagrams, and a NAT.
 */
#ifndef _TQUIC_NATIVE_RELAY_H
#define _TQUIC_NATIVE_RELAY_H

#include "udp.h"

/**
 * struct tn_relay_config - what the relay does
 * @listen: where clients send to
 * @server: where their datagrams go
 * @seed: of all draws
 * @loss: datagrams lost, per thousand, each way
 * @reorder: datagrams delayed by @late more than others, per thousand
 * @duplicate: datagrams that come twice, per thousand
 * @corrupt: datagrams of which a bit is changed, per thousand
 * @delay: of every datagram, ns
 * @late: of those out of order, ns
 * @mtu: bytes of the largest datagram that passes
 * @rebind: the server sees another port every so many datagrams of a client;
 *	0 for never
 */
struct tn_relay_config {
	struct tn_addr listen;
	struct tn_addr server;
	u64 seed;
	unsigned int loss;
	unsigned int reorder;
	unsigned int duplicate;
	unsigned int corrupt;
	u64 delay;
	u64 late;
	u32 mtu;
	unsigned int rebind;
};

int tn_relay_run(const struct tn_relay_config *config);

#endif /* _TQUIC_NATIVE_RELAY_H */
