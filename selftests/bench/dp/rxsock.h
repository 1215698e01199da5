/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receiving on a UDP port.
 */
#ifndef _TQUIC_DP_RXSOCK_H
#define _TQUIC_DP_RXSOCK_H

#include <linux/skbuff.h>
#include <linux/types.h>

struct net;
struct sock;
struct socket;

/**
 * struct dp_rxsock - a bound UDP port
 * @sock: the socket
 * @encap: buffers come by encap_rcv into @queue, not through the socket's
 * @queue: buffers that wait, with @encap
 * @limit: most buffers that may wait in @queue
 * @kick: something has come; runs in softirq
 * @arg: passed to @kick
 * @data_ready: the socket's own callback
 */
struct dp_rxsock {
	struct socket *sock;
	bool encap;
	struct sk_buff_head queue;
	unsigned int limit;
	void (*kick)(void *arg);
	void *arg;
	void (*data_ready)(struct sock *sk);
};

int dp_rxsock_open(struct dp_rxsock *rs, struct net *net, u16 port,
		   unsigned int mode, unsigned int window);
void dp_rxsock_quiet(struct dp_rxsock *rs);
void dp_rxsock_close(struct dp_rxsock *rs);
struct sk_buff *dp_rxsock_next(struct dp_rxsock *rs);

#endif /* _TQUIC_DP_RXSOCK_H */
