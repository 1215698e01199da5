/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connection a packet belongs to: connection IDs of this endpoint.
 */
#ifndef _TQUIC_NATIVE_DEMUX_H
#define _TQUIC_NATIVE_DEMUX_H

#include "core/cid.h"

#define TN_CID_LEN	8
#define TN_DEMUX_SLOTS	256
#define TN_DEMUX_KEY	32

struct tn_link;

/**
 * struct tn_cid - an entry
 * @local: the connection ID, part of the core's books unless @alias
 * @next: chain
 * @link: connection
 * @alias: chosen by the client for its first packets
 */
struct tn_cid {
	struct tquic_cid_local local;
	struct tn_cid *next;
	struct tn_link *link;
	bool alias;
};

/**
 * struct tn_demux - table of an endpoint
 * @slot: chains
 * @key: that stateless reset tokens are made with
 */
struct tn_demux {
	struct tn_cid *slot[TN_DEMUX_SLOTS];
	u8 key[TN_DEMUX_KEY];
};

void tn_demux_init(struct tn_demux *demux, const char *secret);
struct tn_cid *tn_demux_find(const struct tn_demux *demux, const u8 *id,
			     unsigned int len);
struct tn_cid *tn_demux_issue(struct tn_demux *demux, struct tn_link *link);
struct tn_cid *tn_demux_alias(struct tn_demux *demux, struct tn_link *link,
			      const struct tquic_cid *cid);
void tn_demux_drop(struct tn_demux *demux, struct tn_cid *cid);
void tn_demux_token(const struct tn_demux *demux, const u8 *id,
		    unsigned int len, u8 *token);

#endif /* _TQUIC_NATIVE_DEMUX_H */
