/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP sockets, one per local address.
 */
#ifndef _TQUIC_NATIVE_UDP_H
#define _TQUIC_NATIVE_UDP_H

#include "core/ecn.h"
#include "core/tuple.h"

#define TN_UDP_MAX	65535

/**
 * struct tn_addr - an address and a port
 * @ip: IPv6 or IPv4-mapped, network byte order
 * @port: host byte order
 */
struct tn_addr {
	u8 ip[16];
	u16 port;
};

/**
 * struct tn_udp - a socket
 * @fd: descriptor, -1 for none
 * @bound: address that the core knows it by
 *
 * The socket behind it may be exchanged for one with another port, as a NAT
 * would: @bound stays.
 */
struct tn_udp {
	int fd;
	struct tn_addr bound;
};

/**
 * struct tn_dgram - a received datagram
 * @from: sender
 * @ecn: mark
 * @len: bytes in @data
 * @data: valid until the next is received
 */
struct tn_dgram {
	struct tn_addr from;
	enum tquic_ecn_mark ecn;
	u32 len;
	u8 *data;
};

bool tn_addr_parse(struct tn_addr *addr, const char *text);
const char *tn_addr_text(const struct tn_addr *addr);
void tn_addr_towards(const struct tn_addr *remote, struct tn_addr *local);

void tn_udp_open(struct tn_udp *udp, const struct tn_addr *local);
void tn_udp_reopen(struct tn_udp *udp);
void tn_udp_close(struct tn_udp *udp);
bool tn_udp_recv(struct tn_udp *udp, struct tn_dgram *dgram);
bool tn_udp_send(struct tn_udp *udp, const struct tn_addr *to,
		 enum tquic_ecn_mark ecn, const u8 *data, u32 len);

#endif /* _TQUIC_NATIVE_UDP_H */
