/* SPDX-License-Identifier: GPL-2.0 */
/* Giving a packet to the tunnel's socket. */
#ifndef _TQUIC_NF_CAPTURE_H
#define _TQUIC_NF_CAPTURE_H

#include "tquic_nf.h"

/**
 * struct tquic_nf_target - where a rule's packets go
 * @name: of the tunnel, empty for the first that there is
 * @class: enum nft_tquic_classes or TQUIC_NF_CLASS_ANY
 */
struct tquic_nf_target {
	char name[NFT_TQUIC_NAME_MAX];
	s8 class;
};

int tquic_nf_capture_init(void);
void tquic_nf_capture_exit(void);
int tquic_nf_capture_get(struct net *net, u8 family);
void tquic_nf_capture_put(struct net *net, u8 family);
u32 tquic_nf_capture(const struct nft_pktinfo *pkt,
		     const struct tquic_nf_target *target);

#endif /* _TQUIC_NF_CAPTURE_H */
