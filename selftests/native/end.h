/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An endpoint: sockets, connections, and the loop that drives them.
 */
#ifndef _TQUIC_NATIVE_END_H
#define _TQUIC_NATIVE_END_H

#include "act.h"
#include "app.h"
#include "demux.h"
#include "session.h"
#include "tls.h"
#include "udp.h"

#define TN_UDP_SOCKETS	16

/**
 * struct tn_end_config - what an endpoint is told
 * @server: which end
 * @version: QUIC version of a client's first packet
 * @versions: versions that are spoken, best first
 * @nversions: how many; 0 for @version alone
 * @retry: a server wants addresses proven
 * @session: file where a client keeps its session, or NULL
 * @window: initial credit of a connection and of its streams, bytes
 * @idle: idle timeout, ms
 * @mtu: bytes of the largest datagram that is searched for
 * @paths: highest path ID offered, U64_MAX for no multipath
 * @ecn: use ECN
 * @bbr: congestion control is BBR, not CUBIC
 * @secret: what stateless reset tokens depend on, NULL for random
 * @conns: a server ends after this many connections, 0 for never
 * @acts: what is to happen underway
 * @nacts: how many
 */
struct tn_end_config {
	bool server;
	u32 version;
	u32 versions[TQUIC_TPARAM_VERSIONS_MAX];
	unsigned int nversions;
	bool retry;
	const char *session;
	u64 window;
	u64 idle;
	u32 mtu;
	u64 paths;
	bool ecn;
	bool bbr;
	const char *secret;
	unsigned int conns;
	struct tn_act acts[TN_ACTS_MAX];
	unsigned int nacts;
};

/**
 * struct tn_end - an endpoint
 * @config: what it was told
 * @app: what its connections are used for
 * @tls: what their sessions share
 * @udp: sockets
 * @nudp: how many
 * @demux: connection IDs
 * @links: struct tn_link
 * @session: of a client
 * @ended: connections that have ended
 * @failed: how many of them badly
 * @noise: datagrams of no connection
 */
struct tn_end {
	struct tn_end_config config;
	struct tn_app_config app;
	struct tn_tls_ctx tls;
	struct tn_udp udp[TN_UDP_SOCKETS];
	unsigned int nudp;
	struct tn_demux demux;
	struct list_head links;
	struct tn_session session;
	unsigned int ended;
	unsigned int failed;
	u64 noise;
};

void tn_end_init(struct tn_end *end, const struct tn_end_config *config,
		 const struct tn_app_config *app,
		 const struct tn_tls_config *tls);
void tn_end_exit(struct tn_end *end);
struct tn_udp *tn_end_bind(struct tn_end *end, const struct tn_addr *local);
void tn_end_connect(struct tn_end *end, const struct tn_addr *to);
int tn_end_run(struct tn_end *end);

bool tn_end_send(struct tn_end *end, const struct tquic_tuple *tuple,
		 enum tquic_ecn_mark ecn, const u8 *data, u32 len);
struct tn_udp *tn_end_socket(struct tn_end *end,
			     const struct tquic_tuple *tuple);
void tn_end_tuple(const struct tn_udp *udp, const struct tn_addr *remote,
		  struct tquic_tuple *tuple);

#endif /* _TQUIC_NATIVE_END_H */
