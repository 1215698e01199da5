/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an endpoint does before there is a connection: a server that listens,
 * with Version Negotiation, Retry and tokens, and a client that obeys.
 */
#ifndef _TQUIC_LIB_LISTEN_H
#define _TQUIC_LIB_LISTEN_H

#include "lib_pair.h"

/**
 * struct ll - the state of it
 * @config: of the pair
 * @retry: the server wants addresses proven
 * @bad_tag: spoil the integrity tag of Retry packets
 * @spoil: changes what the server announces
 * @life: how long tokens of a Retry are good for, ns
 * @vns: Version Negotiation packets sent
 * @retries: Retry packets sent
 * @refused: Initial packets with a token that is refused
 * @accepted: connections made by the server
 * @odcid: destination of the client's first Initial
 * @rscid: connection ID of the newest Retry
 * @drops: what became of the stateless packets that the client received
 */
struct ll {
	struct lp_config config;
	bool retry;
	bool bad_tag;
	void (*spoil)(struct tquic_tparams *tp);
	u64 life;
	unsigned int vns;
	unsigned int retries;
	unsigned int refused;
	unsigned int accepted;
	struct tquic_cid odcid;
	struct tquic_cid rscid;
	u64 drops[TQUIC_DROP_MAX];
};

extern struct ll ll;

void ll_start(struct lp *lp, const struct lp_config *config, bool retry);
u32 ll_token(const struct tquic_token *token, u8 *buf);
void ll_retry(struct lp *lp, const struct tquic_pkt *initial,
	      const struct tquic_tuple *tuple);
void ll_vn(struct lp *lp, const struct tquic_pkt *initial,
	   const struct tquic_tuple *tuple, const u32 *versions,
	   unsigned int count);

#endif /* _TQUIC_LIB_LISTEN_H */
