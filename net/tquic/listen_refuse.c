// SPDX-License-Identifier: GPL-2.0
/*
 * A client whose Retry token is of no use is told, rather than left to try
 * again until it gives up: RFC 9000 section 8.1.2.  There is no session; the
 * one packet is sealed by keys that anybody who saw the client's can derive.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "aead_batch.h"
#include "listen_priv.h"
#include "xmit.h"

/* header with both connection IDs, frame and tag */
#define TQUIC_REFUSE_MAX	128

/**
 * struct tquic_refuse - a packet in the making
 * @out: the packet
 * @frame: CONNECTION_CLOSE; lowmem, for the batch
 * @built: where its header is
 * @frame_len: bytes of @frame
 * @done: it is sealed
 */
struct tquic_refuse {
	u8 out[TQUIC_REFUSE_MAX];
	u8 frame[16];
	struct tquic_pkt_built built;
	u32 frame_len;
	struct completion done;
};

static bool tquic_refuse_build(struct tquic_refuse *r,
			       const struct tquic_pkt *pkt)
{
	const struct tquic_pkt_hdr hdr = {
		.dcid = pkt->scid,
		.dcid_len = pkt->scid_len,
		/* the one that the client has chosen to speak to */
		.scid = pkt->dcid,
		.scid_len = pkt->dcid_len,
		.version = pkt->version,
		.type = TQUIC_PKT_INITIAL,
		.pn_len = TQUIC_PN_LEN_MAX,
		.len_size = 2,
	};
	const struct tquic_frame f = {
		.type = TQUIC_FRAME_CONNECTION_CLOSE,
		.close.code = TQUIC_INVALID_TOKEN,
	};
	struct tquic_wr frame = tquic_wr_init(r->frame, sizeof(r->frame));
	struct tquic_wr wr = tquic_wr_init(r->out, sizeof(r->out));

	if (tquic_frame_encode(&frame, &f) ||
	    !tquic_pkt_build(&wr, &hdr, &r->built))
		return false;
	r->frame_len = frame.ptr - r->frame;
	return tquic_pkt_set_length(&r->built,
				    r->frame_len + TQUIC_PKT_TAG_LEN);
}

static void tquic_refuse_done(struct tquic_aead_batch *b, void *arg)
{
	struct tquic_refuse *r = arg;

	complete(&r->done);
}

static int tquic_refuse_run(struct tquic_refuse *r, struct tquic_aead_key *key,
			    struct tquic_hp_key *hp)
{
	struct tquic_aead_batch *b = tquic_aead_batch_alloc(GFP_KERNEL);
	int err;

	if (!b)
		return -ENOMEM;
	err = tquic_seal_packet(b, key, hp, r->out, r->built.hdr_len,
				r->built.pn_off, 0, 0);
	if (err >= 0)
		err = tquic_seal_buf(b, r->frame, r->frame_len);
	if (err >= 0) {
		init_completion(&r->done);
		tquic_seal_submit(b, tquic_refuse_done, r);
		wait_for_completion(&r->done);
		err = b->op[0].err;
	}
	tquic_aead_batch_free(b);
	return err;
}

static int tquic_refuse_seal(struct tquic_refuse *r,
			     const struct tquic_pkt *pkt)
{
	struct tquic_aead_secret client, server;
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
	int err;

	err = tquic_aead_secret_initial(&client, &server, pkt->version,
					pkt->dcid, pkt->dcid_len);
	if (err)
		return err;
	key = tquic_aead_key_create(&server);
	hp = tquic_hp_key_create(&server);
	err = IS_ERR(key) ? PTR_ERR(key) : PTR_ERR_OR_ZERO(hp);
	if (!err)
		err = tquic_refuse_run(r, key, hp);
	if (!IS_ERR(key))
		tquic_aead_key_put(key);
	if (!IS_ERR(hp))
		tquic_hp_key_put(hp);
	tquic_aead_secret_clear(&client);
	tquic_aead_secret_clear(&server);
	return err;
}

/**
 * tquic_listen_refuse - tell a client that its token is of no use
 * @udp: socket
 * @tuple: addresses of its packet
 * @pkt: an Initial packet
 *
 * Context: process context; answers are rationed by who calls.
 */
void tquic_listen_refuse(struct tquic_udp *udp, const struct tquic_tuple *tuple,
			 const struct tquic_pkt *pkt)
{
	struct tquic_refuse *r = kzalloc_obj(*r, GFP_KERNEL);

	if (!r)
		return;
	if (tquic_refuse_build(r, pkt) && !tquic_refuse_seal(r, pkt))
		tquic_xmit_plain(udp, tuple, r->out, r->built.hdr_len +
				 r->frame_len + TQUIC_PKT_TAG_LEN);
	kfree(r);
}
