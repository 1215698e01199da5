// SPDX-License-Identifier: GPL-2.0
/*
 * AEAD_CHACHA20_POLY1305 (RFC 8439 section 2.8) from the kernel's library
 * functions, synchronous, straight on scatterlists.
 *
 * The library's own chacha20poly1305 takes a 64-bit nonce; QUIC needs all 96
 * bits, so the state is set up here.  The crypto API's rfc7539() has it, too,
 * but needs 8 % (Linux 7.3) to 20 % (6.12) more instructions for a packet of
 * 1400 bytes, going through several requests.
 */
#include <crypto/chacha.h>
#include <crypto/poly1305.h>
#include <crypto/utils.h>
#include <linux/cache.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "aead_internal.h"

/* what nearly every QUIC header fits in, padded to whole Poly1305 blocks */
#define TQUIC_CHACHA_AAD_PAD	48

/* one block and a little */
#define TQUIC_CHACHA_WIDE	(CHACHA_BLOCK_SIZE + 1)

/* make masks in the wide way */
static bool tquic_chacha_wide __ro_after_init;

/**
 * struct tquic_chacha_it - a position in a scatterlist
 * @sg: current entry
 * @off: offset in it
 */
struct tquic_chacha_it {
	struct scatterlist *sg;
	unsigned int off;
};

/**
 * struct tquic_chacha_ctx - state of one packet
 * @state: ChaCha20, its counter behind the last block used
 * @ks: block of which only a part was used yet
 * @used: bytes used of @ks, 0 for none pending
 * @mac_key: one-time key of Poly1305, the start of block 0
 */
struct tquic_chacha_ctx {
	struct chacha_state state;
	u8 ks[CHACHA_BLOCK_SIZE] __aligned(8);
	unsigned int used;
	u8 mac_key[CHACHA_BLOCK_SIZE] __aligned(8);
};

/* Map the memory at @it; @len is cut to what is contiguous. */
static u8 *tquic_chacha_map(struct tquic_chacha_it *it, unsigned int *len)
{
	unsigned int off;

	while (it->off == it->sg->length) {
		it->sg = sg_next(it->sg);
		it->off = 0;
	}
	off = it->sg->offset + it->off;
	*len = min(*len, it->sg->length - it->off);
	if (!IS_ENABLED(CONFIG_HIGHMEM))
		return page_address(sg_page(it->sg)) + off;
	*len = min_t(unsigned int, *len, PAGE_SIZE - offset_in_page(off));
	return kmap_local_page(sg_page(it->sg) + (off >> PAGE_SHIFT)) +
	       offset_in_page(off);
}

static void tquic_chacha_unmap(struct tquic_chacha_it *it, u8 *addr,
			       unsigned int done)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		kunmap_local(addr);
	it->off += done;
}

static void tquic_chacha_start(struct tquic_chacha_ctx *ctx,
			       const struct tquic_aead_key *key,
			       const u8 *nonce)
{
	u8 iv[CHACHA_IV_SIZE] = {};

	memcpy(iv + 4, nonce, TQUIC_AEAD_IV_LEN);
	chacha_init(&ctx->state, key->chacha, iv);
	chacha20_block(&ctx->state, ctx->mac_key);
	ctx->used = 0;
}

/* XOR @n bytes with the key stream; @last: nothing will follow. */
static void tquic_chacha_xor(struct tquic_chacha_ctx *ctx, u8 *dst,
			     const u8 *src, unsigned int n, bool last)
{
	unsigned int l;

	if (ctx->used) {
		l = min_t(unsigned int, n, CHACHA_BLOCK_SIZE - ctx->used);
		crypto_xor_cpy(dst, src, ctx->ks + ctx->used, l);
		ctx->used = (ctx->used + l) % CHACHA_BLOCK_SIZE;
		dst += l;
		src += l;
		n -= l;
	}
	l = last ? n : round_down(n, CHACHA_BLOCK_SIZE);
	if (l)
		chacha20_crypt(&ctx->state, dst, src, l);
	if (l < n) {
		chacha20_block(&ctx->state, ctx->ks);
		crypto_xor_cpy(dst + l, src + l, ctx->ks, n - l);
		ctx->used = n - l;
	}
}

static void tquic_chacha_crypt(struct tquic_chacha_ctx *ctx,
			       struct tquic_chacha_it dst,
			       struct tquic_chacha_it src, unsigned int len)
{
	unsigned int n, m;
	u8 *s, *d;

	while (len) {
		n = len;
		s = tquic_chacha_map(&src, &n);
		m = n;
		d = tquic_chacha_map(&dst, &m);
		tquic_chacha_xor(ctx, d, s, m, m == len);
		/* local mappings nest */
		tquic_chacha_unmap(&dst, d, m);
		tquic_chacha_unmap(&src, s, m);
		len -= m;
	}
}

static void tquic_chacha_copy(struct tquic_chacha_it *it, u8 *buf,
			      unsigned int len, bool out)
{
	unsigned int n;
	u8 *p;

	while (len) {
		n = len;
		p = tquic_chacha_map(it, &n);
		if (out)
			memcpy(p, buf, n);
		else
			memcpy(buf, p, n);
		tquic_chacha_unmap(it, p, n);
		buf += n;
		len -= n;
	}
}

/*
 * RFC 8439 section 2.8: AAD and ciphertext, each padded with zeros to whole
 * blocks, then both lengths.  Padding travels with its neighbours, because a
 * call of poly1305_update() costs more than copying a few bytes.
 */
static void tquic_chacha_mac(struct tquic_chacha_ctx *ctx, const u8 *aad,
			     unsigned int aad_len, struct tquic_chacha_it *it,
			     unsigned int len, u8 *tag)
{
	unsigned int pad = -len % POLY1305_BLOCK_SIZE;
	u8 buf[TQUIC_CHACHA_AAD_PAD] = {};
	struct poly1305_desc_ctx desc;
	unsigned int left = len, n;
	u8 *p;

	poly1305_init(&desc, ctx->mac_key);
	n = round_down(aad_len, POLY1305_BLOCK_SIZE);
	if (aad_len > sizeof(buf)) {
		poly1305_update(&desc, aad, n);
		aad += n;
		memcpy(buf, aad, aad_len - n);
		n = aad_len - n;
	} else {
		memcpy(buf, aad, aad_len);
		n = aad_len;
	}
	poly1305_update(&desc, buf, round_up(n, POLY1305_BLOCK_SIZE));

	while (left) {
		n = left;
		p = tquic_chacha_map(it, &n);
		poly1305_update(&desc, p, n);
		tquic_chacha_unmap(it, p, n);
		left -= n;
	}

	memset(buf, 0, POLY1305_BLOCK_SIZE);
	put_unaligned_le64(aad_len, buf + pad);
	put_unaligned_le64(len, buf + pad + 8);
	poly1305_update(&desc, buf, pad + 16);
	poly1305_final(&desc, tag);
}

/**
 * tquic_chacha_seal - encrypt one packet
 * @key: packet key
 * @nonce: 12 bytes
 * @aad: header
 * @aad_len: bytes of @aad
 * @src: plaintext
 * @dst: room for ciphertext and tag; the same memory as @src, piece by piece,
 *	or none of it
 * @len: bytes of plaintext
 *
 * Context: process context or softirq; does not sleep.
 * Return: 0.
 */
int tquic_chacha_seal(const struct tquic_aead_key *key, const u8 *nonce,
		      const u8 *aad, unsigned int aad_len,
		      struct scatterlist *src, struct scatterlist *dst,
		      unsigned int len)
{
	struct tquic_chacha_it out = { .sg = dst };
	struct tquic_chacha_it in = { .sg = src };
	struct tquic_chacha_ctx ctx;
	u8 tag[TQUIC_AEAD_TAG_LEN];

	tquic_chacha_start(&ctx, key, nonce);
	tquic_chacha_crypt(&ctx, out, in, len);
	tquic_chacha_mac(&ctx, aad, aad_len, &out, len, tag);
	tquic_chacha_copy(&out, tag, sizeof(tag), true);
	memzero_explicit(&ctx, sizeof(ctx));
	return 0;
}

/**
 * tquic_chacha_open - authenticate and decrypt one packet
 * @key: packet key
 * @nonce: 12 bytes
 * @aad: header
 * @aad_len: bytes of @aad
 * @src: ciphertext and tag
 * @dst: room for the plaintext; the same memory as @src, piece by piece, or
 *	none of it
 * @len: bytes of ciphertext and tag, at least those of the tag
 *
 * Context: process context or softirq; does not sleep.
 * Return: 0, or -EBADMSG with nothing written.
 */
int tquic_chacha_open(const struct tquic_aead_key *key, const u8 *nonce,
		      const u8 *aad, unsigned int aad_len,
		      struct scatterlist *src, struct scatterlist *dst,
		      unsigned int len)
{
	struct tquic_chacha_it out = { .sg = dst };
	struct tquic_chacha_it in = { .sg = src };
	struct tquic_chacha_it mac = in;
	u8 tag[2][TQUIC_AEAD_TAG_LEN];
	struct tquic_chacha_ctx ctx;
	int err = 0;

	len -= TQUIC_AEAD_TAG_LEN;
	tquic_chacha_start(&ctx, key, nonce);
	tquic_chacha_mac(&ctx, aad, aad_len, &mac, len, tag[0]);
	tquic_chacha_copy(&mac, tag[1], TQUIC_AEAD_TAG_LEN, false);
	if (crypto_memneq(tag[0], tag[1], TQUIC_AEAD_TAG_LEN))
		err = -EBADMSG;
	else
		tquic_chacha_crypt(&ctx, out, in, len);
	memzero_explicit(&ctx, sizeof(ctx));
	memzero_explicit(tag, sizeof(tag));
	return err;
}

/*
 * The library hands more than one block to the processor's vector code but a
 * single block to C.  Where there is vector code, two blocks by it take half as
 * long as one in C; where there is none, twice as long.
 */
static void tquic_chacha_stream(struct chacha_state *state, u8 *stream,
				bool wide)
{
	if (!wide) {
		chacha20_block(state, stream);
		return;
	}
	memset(stream, 0, TQUIC_CHACHA_WIDE);
	chacha20_crypt(state, stream, stream, TQUIC_CHACHA_WIDE);
}

/**
 * tquic_chacha_mask - header protection mask (RFC 9001 section 5.4.4)
 * @key: header protection key
 * @block: 16 bytes of sample (counter, then nonce), replaced by the mask
 *
 * Context: process context or softirq; does not sleep.
 */
void tquic_chacha_mask(const u32 key[8], u8 *block)
{
	u8 stream[TQUIC_CHACHA_WIDE] __aligned(8);
	struct chacha_state state;

	chacha_init(&state, key, block);
	tquic_chacha_stream(&state, stream, tquic_chacha_wide);
	memcpy(block, stream, TQUIC_HP_SAMPLE_LEN);
	memzero_explicit(&state, sizeof(state));
	memzero_explicit(stream, sizeof(stream));
}

/* Return: the shortest of some attempts, in ns. */
static u64 __init tquic_chacha_time(bool wide)
{
	u8 stream[TQUIC_CHACHA_WIDE] __aligned(8);
	struct chacha_state state = {};
	unsigned int i, j;
	u64 best = U64_MAX;
	u64 start;

	for (i = 0; i < 8; i++) {
		start = ktime_get_ns();
		for (j = 0; j < 16; j++)
			tquic_chacha_stream(&state, stream, wide);
		best = min(best, ktime_get_ns() - start);
	}
	return best;
}

/**
 * tquic_chacha_init - find out how masks are made quickest here
 */
void __init tquic_chacha_init(void)
{
	tquic_chacha_wide = tquic_chacha_time(true) < tquic_chacha_time(false);
}
