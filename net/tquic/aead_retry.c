// SPDX-License-Identifier: GPL-2.0
/*
 * What differs between QUIC versions, and the Retry integrity tag.
 *
 * The key of the tag is public and the same for everybody (RFC 9001 section
 * 5.8), so there is one AEAD per version for the whole module.  It is a
 * synchronous one: a Retry has to be answered where the Initial was looked at,
 * and its few dozen bytes are all AAD.
 */
#include <crypto/aead.h>
#include <crypto/utils.h>
#include <linux/err.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "aead_version.h"
#include "core/pkt.h"

const struct tquic_aead_version tquic_aead_versions[] = {
	{
		.version = TQUIC_VERSION_1,
		.key = "quic key",
		.iv = "quic iv",
		.hp = "quic hp",
		.ku = "quic ku",
		.salt = {
			0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3,
			0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
			0xcc, 0xbb, 0x7f, 0x0a,
		},
		.retry_key = {
			0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a,
			0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8, 0x4e,
		},
		.retry_nonce = {
			0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b, 0xf2,
			0x23, 0x98, 0x25, 0xbb,
		},
	}, {
		.version = TQUIC_VERSION_2,
		.key = "quicv2 key",
		.iv = "quicv2 iv",
		.hp = "quicv2 hp",
		.ku = "quicv2 ku",
		.salt = {
			0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb,
			0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
			0xf9, 0xbd, 0x2e, 0xd9,
		},
		.retry_key = {
			0x8f, 0xb4, 0xb0, 0x1b, 0x56, 0xac, 0x48, 0xe2,
			0x60, 0xfb, 0xcb, 0xce, 0xad, 0x7c, 0xcc, 0x92,
		},
		.retry_nonce = {
			0xd8, 0x69, 0x69, 0xbc, 0x2d, 0x7c, 0x6d, 0x99,
			0x90, 0xef, 0xb0, 0x4a,
		},
	},
};

static struct crypto_aead *tquic_aead_retry_tfm[TQUIC_AEAD_VERSIONS];

/**
 * tquic_aead_version - constants of a QUIC version
 * @version: as in long headers
 *
 * Return: NULL for a version that is not spoken.
 */
const struct tquic_aead_version *tquic_aead_version(u32 version)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tquic_aead_versions); i++)
		if (tquic_aead_versions[i].version == version)
			return &tquic_aead_versions[i];
	return NULL;
}

/*
 * Lay out request, pseudo-packet and tag in one allocation, because the crypto
 * layer takes no memory from the (virtually mapped) stack.
 */
static int tquic_aead_retry_run(struct crypto_aead *tfm, const u8 *nonce,
				const u8 *odcid, unsigned int odcid_len,
				const u8 *pkt, unsigned int len, u8 *tag)
{
	unsigned int aad_len = 1 + odcid_len + len;
	struct aead_request *req;
	u8 iv[TQUIC_AEAD_IV_LEN];
	struct scatterlist sg;
	struct tquic_wr wr;
	u8 *buf;
	int err;

	buf = kmalloc(aad_len + TQUIC_AEAD_TAG_LEN, GFP_ATOMIC);
	if (!buf)
		return -ENOMEM;
	req = aead_request_alloc(tfm, GFP_ATOMIC);
	if (!req) {
		kfree(buf);
		return -ENOMEM;
	}

	wr = tquic_wr_init(buf, aad_len);
	tquic_retry_pseudo(&wr, odcid, odcid_len, pkt, len);
	memcpy(iv, nonce, sizeof(iv));

	sg_init_one(&sg, buf, aad_len + TQUIC_AEAD_TAG_LEN);
	aead_request_set_callback(req, 0, NULL, NULL);
	aead_request_set_crypt(req, &sg, &sg, 0, iv);
	aead_request_set_ad(req, aad_len);
	err = crypto_aead_encrypt(req);
	if (!err)
		memcpy(tag, buf + aad_len, TQUIC_AEAD_TAG_LEN);

	aead_request_free(req);
	kfree(buf);
	return err;
}

/**
 * tquic_aead_retry_tag - integrity tag of a Retry packet
 * @version: QUIC version of the packet
 * @odcid: destination connection ID of the Initial packet that is answered
 * @odcid_len: bytes of @odcid, at most 20
 * @pkt: the Retry packet up to, and without, its tag
 * @len: bytes of @pkt
 * @tag: result
 *
 * Context: process context or softirq; does not sleep.
 * Return: 0, -EINVAL for an unknown version or length, -ENOMEM, or what the
 * crypto layer answered.
 */
int tquic_aead_retry_tag(u32 version, const u8 *odcid, unsigned int odcid_len,
			 const u8 *pkt, unsigned int len,
			 u8 tag[TQUIC_AEAD_TAG_LEN])
{
	const struct tquic_aead_version *ver = tquic_aead_version(version);

	if (!ver || odcid_len > TQUIC_PKT_CID_MAX || len > U16_MAX)
		return -EINVAL;
	return tquic_aead_retry_run(tquic_aead_retry_tfm[ver -
							 tquic_aead_versions],
				    ver->retry_nonce, odcid, odcid_len, pkt,
				    len, tag);
}

/**
 * tquic_aead_retry_verify - check the integrity tag of a Retry packet
 * @version: QUIC version of the packet
 * @odcid: destination connection ID of the Initial packet that it answers
 * @odcid_len: bytes of @odcid, at most 20
 * @pkt: the whole Retry packet
 * @len: bytes of @pkt
 *
 * Context: process context or softirq; does not sleep.
 * Return: 0 when the tag is right, -EBADMSG when it is not, or as
 * tquic_aead_retry_tag().
 */
int tquic_aead_retry_verify(u32 version, const u8 *odcid,
			    unsigned int odcid_len, const u8 *pkt,
			    unsigned int len)
{
	u8 tag[TQUIC_AEAD_TAG_LEN];
	int err;

	if (len < TQUIC_AEAD_TAG_LEN)
		return -EBADMSG;
	len -= TQUIC_AEAD_TAG_LEN;
	err = tquic_aead_retry_tag(version, odcid, odcid_len, pkt, len, tag);
	if (err)
		return err;
	return crypto_memneq(tag, pkt + len, sizeof(tag)) ? -EBADMSG : 0;
}

/**
 * tquic_aead_retry_init - make the AEADs of the Retry tags
 *
 * Return: 0 or a negative error; tquic_aead_retry_exit() cleans up either way.
 */
int __init tquic_aead_retry_init(void)
{
	struct crypto_aead *tfm;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tquic_aead_versions); i++) {
		tfm = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ASYNC);
		if (IS_ERR(tfm))
			return PTR_ERR(tfm);
		tquic_aead_retry_tfm[i] = tfm;
		err = crypto_aead_setkey(tfm, tquic_aead_versions[i].retry_key,
					 TQUIC_AEAD_RETRY_KEY);
		if (!err)
			err = crypto_aead_setauthsize(tfm, TQUIC_AEAD_TAG_LEN);
		if (err)
			return err;
	}
	return 0;
}

/**
 * tquic_aead_retry_exit - undo tquic_aead_retry_init(), whole or in part
 */
void tquic_aead_retry_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tquic_aead_retry_tfm); i++) {
		crypto_free_aead(tquic_aead_retry_tfm[i]);
		tquic_aead_retry_tfm[i] = NULL;
	}
}
