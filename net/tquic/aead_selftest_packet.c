// SPDX-License-Identifier: GPL-2.0
/* The part of the self-test that knows what packets have to look like. */
#include <linux/errno.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "aead_internal.h"
#include "aead_selftest.h"
#include "aead_selftest_packets.h"
#include "core/version.h"

#define TQUIC_ST_BUF		1280

/* where the secret of a packet comes from */
enum tquic_st_from {
	TQUIC_ST_CLIENT,	/* Initial, of the client */
	TQUIC_ST_SERVER,	/* Initial, of the server */
	TQUIC_ST_SECRET,	/* given */
};

/* one packet, before and after protection */
struct tquic_st_packet {
	const char *name;
	u32 version;
	u16 suite;
	enum tquic_st_from from;
	const u8 *secret;
	u32 path_id;
	u64 pn;
	unsigned int pn_len;
	const u8 *hdr;
	unsigned int hdr_len;
	const u8 *payload;
	unsigned int payload_len;
	unsigned int padding;
	const u8 *packet;
};

static const struct tquic_st_packet tquic_st_packets[] __initconst = {
	{
		.name = "RFC 9001 A.2 client Initial",
		.version = TQUIC_VERSION_1,
		.from = TQUIC_ST_CLIENT,
		.pn = 2, .pn_len = 4,
		.hdr = tquic_st_client_hdr_v1,
		.hdr_len = sizeof(tquic_st_client_hdr_v1),
		.payload = tquic_st_client_payload,
		.payload_len = sizeof(tquic_st_client_payload),
		.padding = 1162 - sizeof(tquic_st_client_payload),
		.packet = tquic_st_client_packet_v1,
	}, {
		.name = "RFC 9001 A.3 server Initial",
		.version = TQUIC_VERSION_1,
		.from = TQUIC_ST_SERVER,
		.pn = 1, .pn_len = 2,
		.hdr = tquic_st_server_hdr_v1,
		.hdr_len = sizeof(tquic_st_server_hdr_v1),
		.payload = tquic_st_server_payload,
		.payload_len = sizeof(tquic_st_server_payload),
		.packet = tquic_st_server_packet_v1,
	}, {
		.name = "RFC 9001 A.5 ChaCha20-Poly1305",
		.version = TQUIC_VERSION_1,
		.suite = TQUIC_CHACHA20_POLY1305_SHA256,
		.from = TQUIC_ST_SECRET, .secret = tquic_st_chacha_secret,
		.pn = 654360564, .pn_len = 3,
		.hdr = tquic_st_chacha_hdr,
		.hdr_len = sizeof(tquic_st_chacha_hdr),
		.payload = tquic_st_chacha_payload,
		.payload_len = sizeof(tquic_st_chacha_payload),
		.packet = tquic_st_chacha_packet_v1,
	}, {
		.name = "RFC 9369 A.2 client Initial",
		.version = TQUIC_VERSION_2,
		.from = TQUIC_ST_CLIENT,
		.pn = 2, .pn_len = 4,
		.hdr = tquic_st_client_hdr_v2,
		.hdr_len = sizeof(tquic_st_client_hdr_v2),
		.payload = tquic_st_client_payload,
		.payload_len = sizeof(tquic_st_client_payload),
		.padding = 1162 - sizeof(tquic_st_client_payload),
		.packet = tquic_st_client_packet_v2,
	}, {
		.name = "RFC 9369 A.3 server Initial",
		.version = TQUIC_VERSION_2,
		.from = TQUIC_ST_SERVER,
		.pn = 1, .pn_len = 2,
		.hdr = tquic_st_server_hdr_v2,
		.hdr_len = sizeof(tquic_st_server_hdr_v2),
		.payload = tquic_st_server_payload,
		.payload_len = sizeof(tquic_st_server_payload),
		.packet = tquic_st_server_packet_v2,
	}, {
		.name = "RFC 9369 A.5 ChaCha20-Poly1305",
		.version = TQUIC_VERSION_2,
		.suite = TQUIC_CHACHA20_POLY1305_SHA256,
		.from = TQUIC_ST_SECRET, .secret = tquic_st_chacha_secret,
		.pn = 654360564, .pn_len = 3,
		.hdr = tquic_st_chacha_hdr,
		.hdr_len = sizeof(tquic_st_chacha_hdr),
		.payload = tquic_st_chacha_payload,
		.payload_len = sizeof(tquic_st_chacha_payload),
		.packet = tquic_st_chacha_packet_v2,
	}, {
		.name = "multipath AES-128-GCM",
		.version = TQUIC_VERSION_1,
		.suite = TQUIC_AES_128_GCM_SHA256,
		.from = TQUIC_ST_SECRET, .secret = tquic_st_secret,
		.path_id = 3, .pn = 54321, .pn_len = 4,
		.hdr = tquic_st_multipath_hdr,
		.hdr_len = sizeof(tquic_st_multipath_hdr),
		.payload = tquic_st_multipath_payload,
		.payload_len = sizeof(tquic_st_multipath_payload),
		.packet = tquic_st_multipath_aes128,
	}, {
		.name = "multipath AES-256-GCM",
		.version = TQUIC_VERSION_1,
		.suite = TQUIC_AES_256_GCM_SHA384,
		.from = TQUIC_ST_SECRET, .secret = tquic_st_secret,
		.path_id = 3, .pn = 54321, .pn_len = 4,
		.hdr = tquic_st_multipath_hdr,
		.hdr_len = sizeof(tquic_st_multipath_hdr),
		.payload = tquic_st_multipath_payload,
		.payload_len = sizeof(tquic_st_multipath_payload),
		.packet = tquic_st_multipath_aes256,
	}, {
		.name = "multipath ChaCha20-Poly1305",
		.version = TQUIC_VERSION_1,
		.suite = TQUIC_CHACHA20_POLY1305_SHA256,
		.from = TQUIC_ST_SECRET, .secret = tquic_st_secret,
		.path_id = 3, .pn = 54321, .pn_len = 4,
		.hdr = tquic_st_multipath_hdr,
		.hdr_len = sizeof(tquic_st_multipath_hdr),
		.payload = tquic_st_multipath_payload,
		.payload_len = sizeof(tquic_st_multipath_payload),
		.packet = tquic_st_multipath_chacha,
	},
};

static unsigned int __init tquic_st_plain_len(const struct tquic_st_packet *v)
{
	return v->payload_len + v->padding;
}

static unsigned int __init tquic_st_wire_len(const struct tquic_st_packet *v)
{
	return v->hdr_len + tquic_st_plain_len(v) + TQUIC_AEAD_TAG_LEN;
}

static int __init tquic_st_packet_secret(const struct tquic_st_packet *v,
					 struct tquic_aead_secret *secret)
{
	struct tquic_aead_secret other;
	unsigned int len;

	switch (v->from) {
	case TQUIC_ST_CLIENT:
		return tquic_aead_secret_initial(secret, &other, v->version,
						 tquic_st_dcid,
						 sizeof(tquic_st_dcid));
	case TQUIC_ST_SERVER:
		return tquic_aead_secret_initial(&other, secret, v->version,
						 tquic_st_dcid,
						 sizeof(tquic_st_dcid));
	case TQUIC_ST_SECRET:
		len = tquic_aead_suite(v->suite)->hash_len;
		return tquic_aead_secret_init(secret, v->version, v->suite,
					      v->secret, len);
	}
	return -EINVAL;
}

static int __init tquic_st_packet_seal(const struct tquic_st_packet *v,
				       const struct tquic_st_keys *k, u8 *out,
				       const u8 *payload)
{
	struct tquic_aead_batch *b;
	int err;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	memcpy(out, v->hdr, v->hdr_len);
	err = tquic_seal_packet(b, k->key, k->hp, out, v->hdr_len,
				v->hdr_len - v->pn_len, v->path_id, v->pn);
	if (!err)
		err = tquic_seal_buf(b, payload, tquic_st_plain_len(v));
	if (!err)
		err = tquic_st_wait(b);
	if (!err)
		err = tquic_st_equal(v->name, out, v->packet,
				     tquic_st_wire_len(v));
	tquic_aead_batch_free(b);
	return err;
}

static int __init tquic_st_packet_check(const struct tquic_st_packet *v,
					struct tquic_aead_batch *b,
					u8 *plain, const u8 *payload)
{
	const struct tquic_aead_op *op = b->op;
	int err;

	err = tquic_st_wait(b) ?: op->err;
	if (err)
		return err;
	if (op->pn_len != v->pn_len ||
	    tquic_open_payload_len(op) != tquic_st_plain_len(v))
		return -EILSEQ;
	err = tquic_st_equal(v->name, op->hdr, v->hdr, op->hdr_len);
	if (err)
		return err;
	err = skb_copy_bits(b->skb[0].skb, tquic_open_payload_off(op), plain,
			    tquic_st_plain_len(v));
	if (err)
		return err;
	return tquic_st_equal(v->name, plain, payload, tquic_st_plain_len(v));
}

static int __init tquic_st_packet_open(const struct tquic_st_packet *v,
				       const struct tquic_st_keys *k,
				       u8 *plain, const u8 *payload)
{
	u32 pn_trunc = v->pn & (~0U >> (32 - 8 * v->pn_len));
	unsigned int len = tquic_st_wire_len(v);
	struct tquic_aead_batch *b;
	struct sk_buff *skb;
	int err;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	skb = alloc_skb(len, GFP_KERNEL);
	if (!b || !skb || tquic_open_skb(b, skb)) {
		kfree_skb(skb);
		tquic_aead_batch_free(b);
		return -ENOMEM;
	}
	skb_put_data(skb, v->packet, len);
	err = tquic_open_packet(b, k->hp, 0, len, v->hdr_len - v->pn_len);
	if (!err)
		err = tquic_open_unprotect(b);
	if (!err && b->op[0].pn_trunc != pn_trunc)
		err = -EILSEQ;
	if (!err) {
		tquic_open_key(b, 0, k->key, v->path_id, v->pn);
		err = tquic_st_packet_check(v, b, plain, payload);
	}
	tquic_aead_batch_free(b);
	return err;
}

/* Seal it, compare, open the expected packet, compare. */
static int __init tquic_st_packet_run(const struct tquic_st_packet *v)
{
	struct tquic_st_keys k;
	u8 *out, *payload;
	int err;

	out = kcalloc(2, TQUIC_ST_BUF, GFP_KERNEL);
	if (!out)
		return -ENOMEM;
	payload = out + TQUIC_ST_BUF;
	memcpy(payload, v->payload, v->payload_len);

	err = tquic_st_packet_secret(v, &k.secret);
	if (!err)
		err = tquic_st_keys_make(&k);
	if (!err) {
		err = tquic_st_packet_seal(v, &k, out, payload);
		if (!err)
			err = tquic_st_packet_open(v, &k, out, payload);
		tquic_st_keys_free(&k);
	}
	kfree(out);
	return tquic_st_verdict(v->name, err);
}

int __init tquic_st_packets_run(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(tquic_st_packets) && !err; i++)
		err = tquic_st_packet_run(&tquic_st_packets[i]);
	return err;
}
