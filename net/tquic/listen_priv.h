/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files of the listeners. */
#ifndef _TQUIC_LISTEN_PRIV_H
#define _TQUIC_LISTEN_PRIV_H

#include "aead.h"
#include "core/conn.h"
#include "listen.h"
#include "net.h"

#define TQUIC_LISTEN_NONCE	24	/* XChaCha20-Poly1305 */
#define TQUIC_LISTEN_TOKEN	(TQUIC_LISTEN_NONCE + TQUIC_TOKEN_PLAIN_MAX + \
				 TQUIC_PKT_TAG_LEN)
/* stateless answers: the longest is a Retry, or VN with long IDs */
#define TQUIC_LISTEN_OUT	1024

/* listen_token.c */
void tquic_token_key(struct tquic_net *tn);
enum tquic_token_verdict
tquic_token_judge(struct tquic_net *tn,
		  const struct tquic_pkt *pkt, const struct tquic_tuple *tuple,
		  struct tquic_token *token);
u32 tquic_token_retry(const struct tquic_listen_net *ln,
		      const struct tquic_pkt *pkt,
		      const struct tquic_tuple *tuple, u8 *out, u32 room);

/* listen_once.c */
void tquic_once_init(struct tquic_listen_once *once);
void tquic_once_exit(struct tquic_listen_once *once);
bool tquic_once_take(struct tquic_listen_once *once,
		     const u8 nonce[TQUIC_LISTEN_NONCE], u64 issued);

/* listen_refuse.c */
void tquic_listen_refuse(struct tquic_udp *udp, const struct tquic_tuple *tuple,
			 const struct tquic_pkt *pkt);

/* listen_work.c */
void tquic_listen_work(struct work_struct *work);
void tquic_listen_purge(struct sk_buff_head *queue);

#endif /* _TQUIC_LISTEN_PRIV_H */
