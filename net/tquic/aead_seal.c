// SPDX-License-Identifier: GPL-2.0
/*
 * Sealing: encrypt from where the plaintext lies into a new packet, then
 * protect the headers of the whole batch.
 *
 * The encryption is the only copy of the payload.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "aead_batch.h"
#include "aead_internal.h"

/**
 * tquic_seal_packet - begin a packet
 * @b: batch
 * @key: packet key; the batch takes its own reference
 * @hp: header protection key; the batch takes its own reference
 * @pkt: where the packet is to lie, contiguously: its header is written already
 *	and there is room behind it for the plaintext and a tag of 16 bytes.
 *	Lowmem of the page or slab allocator
 * @hdr_len: bytes of header, packet number included
 * @pn_off: offset of the packet number, which ends the header
 * @path_id: path ID, 0 without multipath
 * @pn: full packet number; never used before with this key and path ID
 *
 * The plaintext follows by tquic_seal_inline(), tquic_seal_page() and
 * tquic_seal_buf(), in order.  Header, packet number and plaintext have to make
 * up enough for the header protection sample: pn_len + plaintext >= 4 bytes
 * (RFC 9001 section 5.4.2), else the packet's error is -EINVAL.
 *
 * Packets of a GSO train are laid one behind the other by the caller.
 *
 * Context: process context or softirq.
 * Return: index of the packet, -ENOSPC when the batch is full, -EINVAL for an
 * impossible header.
 */
int tquic_seal_packet(struct tquic_aead_batch *b, struct tquic_aead_key *key,
		      struct tquic_hp_key *hp, void *pkt, unsigned int hdr_len,
		      unsigned int pn_off, u32 path_id, u64 pn)
{
	unsigned int pn_len = hdr_len - pn_off;
	struct tquic_aead_op *op;
	int i;

	if (!pn_off || pn_len - 1 >= TQUIC_HP_PN_MAX || hdr_len > U16_MAX)
		return -EINVAL;
	i = tquic_aead_batch_add(b);
	if (i < 0)
		return i;
	op = &b->op[i];
	tquic_aead_batch_use_key(b, i, key);
	tquic_aead_batch_use_hp(b, i, hp);
	op->hdr = pkt;
	op->hdr_len = hdr_len;
	op->pn_off = pn_off;
	op->pn_len = pn_len;
	op->path_id = path_id;
	op->pn = pn;
	op->frag = b->nr_frags;
	return i;
}

/**
 * tquic_seal_page - append plaintext by reference
 * @b: batch with a packet begun
 * @page: page; its content must not change until done(), or what is sent does
 * @off: offset, may lie beyond the first page of a compound one
 * @len: bytes, not 0
 *
 * Pieces that continue the one before are merged.
 *
 * Context: process context or softirq.
 * Return: 0, -ENOSPC when the batch is full, -EMSGSIZE when the packet has too
 * many pieces.  The packet is then incomplete, and the caller either finishes
 * it otherwise (tquic_seal_inline()) or drops it with tquic_seal_cancel().
 */
int tquic_seal_page(struct tquic_aead_batch *b, struct page *page,
		    unsigned int off, unsigned int len)
{
	struct tquic_aead_op *op = &b->op[b->n - 1];
	struct bio_vec *bv = &b->frag[b->nr_frags];

	if (op->nr_frags && bv[-1].bv_page == page &&
	    bv[-1].bv_offset + bv[-1].bv_len == off) {
		bv[-1].bv_len += len;
		op->len += len;
		return 0;
	}
	if (b->nr_frags == TQUIC_AEAD_FRAGS_MAX)
		return -ENOSPC;
	if (op->nr_frags == TQUIC_AEAD_SG_MAX)
		return -EMSGSIZE;
	bvec_set_page(bv, page, len, off);
	b->nr_frags++;
	op->nr_frags++;
	op->len += len;
	return 0;
}

/**
 * tquic_seal_buf - append plaintext by reference
 * @b: batch with a packet begun
 * @buf: lowmem of the page or slab allocator
 * @len: bytes, not 0
 *
 * As tquic_seal_page().
 *
 * Return: as tquic_seal_page().
 */
int tquic_seal_buf(struct tquic_aead_batch *b, const void *buf,
		   unsigned int len)
{
	return tquic_seal_page(b, virt_to_page(buf), offset_in_page(buf), len);
}

/**
 * tquic_seal_inline - append plaintext that the caller is about to write
 * @b: batch with a packet begun
 * @len: bytes, not 0
 *
 * For frame headers and small frames.
 *
 * Context: process context or softirq.
 * Return: memory of the batch, to be filled before submission; NULL when the
 * batch is full.
 */
u8 *tquic_seal_inline(struct tquic_aead_batch *b, unsigned int len)
{
	u8 *p = tquic_aead_batch_scratch(b, len);

	if (!p)
		return NULL;
	if (tquic_seal_buf(b, p, len)) {
		b->scratch_len -= len;
		return NULL;
	}
	return p;
}

/**
 * tquic_seal_cancel - take the last packet back
 * @b: batch with a packet begun
 *
 * Its packet number is spent all the same unless the caller knows that it was
 * never sealed with anything.
 *
 * Context: process context or softirq.
 */
void tquic_seal_cancel(struct tquic_aead_batch *b)
{
	struct tquic_aead_op *op = &b->op[--b->n];

	b->nr_frags = op->frag;
	if (op->flags & TQUIC_OP_KEY_REF)
		tquic_aead_key_put(op->key);
	if (op->flags & TQUIC_OP_HP_REF)
		tquic_hp_key_put(op->hp);
}

static int tquic_seal_prep(struct tquic_aead_batch *b, struct tquic_aead_op *op,
			   struct tquic_aead_slot *slot,
			   struct tquic_aead_work *w)
{
	const struct bio_vec *bv = &b->frag[op->frag];
	unsigned int i;

	if (op->pn_len + op->len < TQUIC_HP_PN_MAX)
		return -EINVAL;

	sg_init_table(slot->src, 1 + op->nr_frags);
	sg_set_buf(slot->src, op->hdr, op->hdr_len);
	for (i = 0; i < op->nr_frags; i++)
		sg_set_page(&slot->src[1 + i], bv[i].bv_page, bv[i].bv_len,
			    bv[i].bv_offset);

	/* the header is where it has to be: one piece for the whole packet */
	sg_init_table(slot->dst, 2);
	sg_set_buf(&slot->dst[0], op->hdr, op->hdr_len);
	sg_set_buf(&slot->dst[1], op->hdr + op->hdr_len,
		   op->len + TQUIC_AEAD_TAG_LEN);

	w->src = slot->src;
	w->dst = slot->dst;
	w->len = op->len;
	return 0;
}

/* Everything is encrypted: protect the headers. */
void tquic_seal_finish(struct tquic_aead_batch *b)
{
	struct tquic_aead_op *op;
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		op = &b->op[i];
		if (op->err)
			memset(b->sample[i], 0, TQUIC_HP_SAMPLE_LEN);
		else
			memcpy(b->sample[i],
			       op->hdr + op->pn_off + TQUIC_HP_PN_MAX,
			       TQUIC_HP_SAMPLE_LEN);
	}
	tquic_aead_batch_masks(b);
	for (i = 0; i < b->n; i++) {
		op = &b->op[i];
		if (!op->err)
			tquic_hp_apply(op->hdr, op->hdr + op->pn_off,
				       op->pn_len, b->sample[i]);
	}
}

/**
 * tquic_seal_submit - seal all packets of a batch
 * @b: batch; not to be touched until done()
 * @done: runs once, see aead_batch.h
 * @arg: passed to @done
 *
 * In done(), a packet whose err is 0 is ready to be sent: op->hdr_len + op->len
 * + 16 bytes at op->hdr.  One with an error must not be sent.
 *
 * Context: process context or softirq; does not sleep unless the batch's gfp
 * does.
 */
void tquic_seal_submit(struct tquic_aead_batch *b, tquic_aead_done_t done,
		       void *arg)
{
	tquic_aead_batch_run(b, tquic_seal_prep, done, arg);
}
