// SPDX-License-Identifier: GPL-2.0
/*
 * Opening: remove header protection for a whole batch, let the caller expand
 * packet numbers and choose keys, then authenticate and decrypt.
 *
 * The header is authenticated in its unprotected form, which exists only in a
 * small copy that belongs to the batch: the received header is never written.
 * Payload is decrypted in the received buffer when that may be written, else
 * into a new buffer of the same length, in one pass.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "aead_batch.h"
#include "aead_internal.h"

/* order of the pages that copies are made of, when there are such */
#define TQUIC_OPEN_COPY_ORDER	PAGE_ALLOC_COSTLY_ORDER

static struct tquic_open_pos tquic_open_begin(const struct sk_buff *skb)
{
	return (struct tquic_open_pos) { .skb = skb, .frag = -1 };
}

static unsigned int tquic_open_piece(const struct tquic_open_pos *pos)
{
	if (pos->frag < 0)
		return skb_headlen(pos->skb);
	return skb_frag_size(&skb_shinfo(pos->skb)->frags[pos->frag]);
}

/* @root: the skb of which @pos is a piece; there is a further piece */
static void tquic_open_next(struct tquic_open_pos *pos,
			    const struct sk_buff *root)
{
	pos->base += tquic_open_piece(pos);
	if (++pos->frag < skb_shinfo(pos->skb)->nr_frags)
		return;
	pos->skb = pos->skb == root ? skb_shinfo(root)->frag_list :
				      pos->skb->next;
	pos->frag = -1;
}

/* Step to the piece that holds the byte at @off of @root. */
static void tquic_open_seek(struct tquic_open_pos *pos,
			    const struct sk_buff *root, unsigned int off)
{
	while (pos->base + tquic_open_piece(pos) <= off)
		tquic_open_next(pos, root);
}

static void tquic_open_read_piece(const struct tquic_open_pos *pos,
				  unsigned int off, u8 *buf, unsigned int len)
{
	u32 p_off, p_len, copied;
	const skb_frag_t *frag;
	struct page *p;
	u8 *addr;

	if (pos->frag < 0) {
		memcpy(buf, pos->skb->data + off, len);
		return;
	}
	frag = &skb_shinfo(pos->skb)->frags[pos->frag];
	skb_frag_foreach_page(frag, skb_frag_off(frag) + off, len,
			      p, p_off, p_len, copied) {
		addr = kmap_local_page(p);
		memcpy(buf + copied, addr + p_off, p_len);
		kunmap_local(addr);
	}
}

static void tquic_open_read(struct tquic_open_pos pos,
			    const struct sk_buff *root, unsigned int off,
			    u8 *buf, unsigned int len)
{
	unsigned int n;

	while (len) {
		tquic_open_seek(&pos, root, off);
		n = min(len, pos.base + tquic_open_piece(&pos) - off);
		tquic_open_read_piece(&pos, off - pos.base, buf, n);
		off += n;
		buf += n;
		len -= n;
	}
}

/* Return: entries used of @sg, or -EMSGSIZE. */
static int tquic_open_sg(struct tquic_open_pos pos, const struct sk_buff *root,
			 unsigned int off, unsigned int len,
			 struct scatterlist *sg)
{
	const skb_frag_t *frag;
	unsigned int o, n;
	int i = 0;

	while (len) {
		if (i == TQUIC_AEAD_SG_MAX)
			return -EMSGSIZE;
		tquic_open_seek(&pos, root, off);
		o = off - pos.base;
		n = min(len, tquic_open_piece(&pos) - o);
		if (pos.frag < 0) {
			sg_set_buf(&sg[i++], pos.skb->data + o, n);
		} else {
			frag = &skb_shinfo(pos.skb)->frags[pos.frag];
			sg_set_page(&sg[i++], skb_frag_page(frag), n,
				    skb_frag_off(frag) + o);
		}
		off += n;
		len -= n;
	}
	return i;
}

/*
 * A page that belongs to a file or to a process has a mapping; pages that
 * drivers and the stack allocate for packets have none (the page pool keeps
 * that word of struct page free for this).
 */
static bool tquic_open_frag_foreign(const skb_frag_t *frag)
{
	return READ_ONCE(page_folio(skb_frag_page(frag))->mapping);
}

/*
 * May this buffer be overwritten?  It must be certain, because the one who
 * sent the packet chose what would be written: if the memory were a file's page
 * cache, a peer on the same host could change files that it may only read.
 *
 * - The struct is ours alone: !skb_shared().
 * - Nobody else refers to head and fragments through another struct (a packet
 *   tap, a bridge port, act_mirred): !skb_cloned().
 * - The fragments were allocated for this packet: not spliced or sendfile'd
 *   over a local path (skb_has_shared_frag(), which GRO and coalescing carry
 *   over), not user pages of a zero-copy sender (skb_zcopy()).  A path that
 *   forgets the flag would open the hole again, hence the second look at the
 *   pages themselves.
 *
 * Pages shared with other packets, as from a page pool or a page_frag, are
 * fine: each packet owns its bytes of the page.  The members of a frag_list are
 * skbs and have to pass alone.
 */
static bool tquic_open_writable_one(const struct sk_buff *skb)
{
	unsigned int i;

	if (skb_shared(skb) || skb_cloned(skb) || skb_has_shared_frag(skb) ||
	    skb_zcopy((struct sk_buff *)skb))
		return false;
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		if (tquic_open_frag_foreign(&skb_shinfo(skb)->frags[i]))
			return false;
	return true;
}

static bool tquic_open_writable(const struct sk_buff *skb)
{
	const struct sk_buff *m;

	if (!tquic_open_writable_one(skb))
		return false;
	skb_walk_frags(skb, m)
		if (!tquic_open_writable_one(m))
			return false;
	return true;
}

/* Is the data in memory that a CPU can read, one level of frag_list deep? */
static bool tquic_open_readable(const struct sk_buff *skb)
{
	const struct sk_buff *m;

	if (!skb_frags_readable(skb))
		return false;
	skb_walk_frags(skb, m)
		if (!skb_frags_readable(m) || skb_has_frag_list(m))
			return false;
	return true;
}

/**
 * tquic_open_skb - add a received buffer
 * @b: batch
 * @skb: its data are one UDP payload or a GRO aggregate of them; anything the
 *	caller needs from its headers is to be read before submission.  The
 *	batch takes over the caller's reference on success
 *
 * Context: process context or softirq.
 * Return: index of the buffer, -ENOSPC when the batch is full, -EINVAL for a
 * buffer that cannot be read by a CPU.
 */
int tquic_open_skb(struct tquic_aead_batch *b, struct sk_buff *skb)
{
	struct tquic_open_skb *os = &b->skb[b->nr_skbs];

	if (b->nr_skbs == TQUIC_AEAD_BATCH_MAX)
		return -ENOSPC;
	if (!tquic_open_readable(skb))
		return -EINVAL;
	b->open = true;
	os->skb = skb;
	os->copy = NULL;
	os->writable = tquic_open_writable(skb);
	b->pos = tquic_open_begin(skb);
	return b->nr_skbs++;
}

/**
 * tquic_open_packet - add a packet of the buffer added last
 * @b: batch
 * @hp: header protection key; the batch takes its own reference
 * @off: where the packet begins; quickest in ascending order
 * @len: bytes of the packet
 * @pn_off: offset of the packet number in the packet
 *
 * Context: process context or softirq.
 * Return: index of the packet, -ENOSPC when the batch is full, -EINVAL for one
 * that is too short for a sample and has to be discarded (RFC 9001 section
 * 5.4.2).
 */
int tquic_open_packet(struct tquic_aead_batch *b, struct tquic_hp_key *hp,
		      unsigned int off, unsigned int len, unsigned int pn_off)
{
	unsigned int sample = pn_off + TQUIC_HP_PN_MAX;
	struct tquic_open_skb *os;
	struct tquic_aead_op *op;
	unsigned int pieces = 1;
	int i;

	os = &b->skb[b->nr_skbs - 1];
	if (!pn_off || pn_off > U16_MAX - TQUIC_HP_PN_MAX ||
	    len > os->skb->len || off > os->skb->len - len ||
	    len < sample + TQUIC_HP_SAMPLE_LEN)
		return -EINVAL;
	if (sample > sizeof(b->scratch) - b->scratch_len)
		return b->n ? -ENOSPC : -EINVAL;
	i = tquic_aead_batch_add(b);
	if (i < 0)
		return i;

	op = &b->op[i];
	tquic_aead_batch_use_hp(b, i, hp);
	op->skb = b->nr_skbs - 1;
	op->hdr = tquic_aead_batch_scratch(b, sample);
	op->pn_off = pn_off;
	op->off = off;
	op->len = len;

	if (off < b->pos.base)
		b->pos = tquic_open_begin(os->skb);
	tquic_open_seek(&b->pos, os->skb, off);
	b->start[i] = b->pos;
	tquic_open_read(b->pos, os->skb, off, op->hdr, sample);
	tquic_open_read(b->pos, os->skb, off + sample, b->sample[i],
			TQUIC_HP_SAMPLE_LEN);

	while (b->pos.base + tquic_open_piece(&b->pos) < off + len) {
		tquic_open_next(&b->pos, os->skb);
		pieces++;
	}
	if (pieces > TQUIC_AEAD_SG_MAX)
		os->writable = false;
	return i;
}

/**
 * tquic_open_unprotect - remove header protection from all packets
 * @b: batch with all packets added
 *
 * Afterwards the header of each packet without error lies at op->hdr, and
 * op->hdr_len, pn_len and pn_trunc are valid.  None of it is authentic yet.
 *
 * Context: process context or softirq; does not sleep.
 * Return: 0, or the first error, which the packets concerned carry.
 */
int tquic_open_unprotect(struct tquic_aead_batch *b)
{
	struct tquic_aead_op *op;
	unsigned int i, j;
	int err = 0;

	tquic_aead_batch_masks(b);
	for (i = 0; i < b->n; i++) {
		op = &b->op[i];
		if (op->err) {
			err = err ?: op->err;
			continue;
		}
		op->pn_len = tquic_hp_remove(op->hdr, op->hdr + op->pn_off,
					     b->sample[i]);
		op->hdr_len = op->pn_off + op->pn_len;
		for (j = 0; j < op->pn_len; j++)
			op->pn_trunc = op->pn_trunc << 8 |
				       op->hdr[op->pn_off + j];
	}
	return err;
}

/**
 * tquic_open_key - say how a packet is to be opened
 * @b: batch
 * @i: index of the packet; once each
 * @key: packet key; the batch takes its own reference
 * @path_id: path ID of the connection ID that it came with
 * @pn: packet number, expanded
 *
 * A packet without a key is passed over and gets the error -ENOKEY.
 *
 * Context: process context or softirq.
 */
void tquic_open_key(struct tquic_aead_batch *b, unsigned int i,
		    struct tquic_aead_key *key, u32 path_id, u64 pn)
{
	tquic_aead_batch_use_key(b, i, key);
	b->op[i].path_id = path_id;
	b->op[i].pn = pn;
}

static struct sk_buff *tquic_open_copy(struct tquic_aead_batch *b,
				       struct tquic_open_skb *os)
{
	struct sk_buff *copy;
	int err;

	if (os->copy)
		return os->copy;
	copy = alloc_skb_with_frags(0, os->skb->len, TQUIC_OPEN_COPY_ORDER,
				    &err, b->gfp);
	if (!copy)
		return NULL;
	copy->len = os->skb->len;
	copy->data_len = os->skb->len;
	copy->tstamp = os->skb->tstamp;
	copy->mark = os->skb->mark;
	memcpy(copy->cb, os->skb->cb, sizeof(copy->cb));
	os->copy = copy;
	return copy;
}

/* Too many pieces for the crypto layer: copy first, decrypt the copy. */
static int tquic_open_bounce(const struct tquic_open_skb *os, unsigned int off,
			     struct scatterlist *sg, unsigned int n)
{
	int err = 0;

	for (; n && !err; n--, sg++) {
		err = skb_copy_bits(os->skb, off, sg_virt(sg), sg->length);
		off += sg->length;
	}
	return err;
}

static int tquic_open_prep_copy(struct tquic_aead_batch *b,
				struct tquic_aead_op *op,
				struct tquic_aead_slot *slot,
				struct tquic_aead_work *w, int nr_src)
{
	struct tquic_open_skb *os = &b->skb[op->skb];
	unsigned int off = op->off + op->hdr_len;
	struct sk_buff *copy;
	int n;

	copy = tquic_open_copy(b, os);
	if (!copy)
		return -ENOMEM;
	sg_init_table(slot->dst, ARRAY_SIZE(slot->dst));
	sg_set_buf(slot->dst, op->hdr, op->hdr_len);
	n = tquic_open_sg(tquic_open_begin(copy), copy, off, w->len,
			  slot->dst + 1);
	if (n < 0)
		return n;
	sg_mark_end(&slot->dst[n]);
	w->dst = slot->dst;
	op->flags |= TQUIC_OP_COPIED;
	if (nr_src >= 0)
		return 0;
	w->src = slot->dst;
	return tquic_open_bounce(os, off, slot->dst + 1, n);
}

static int tquic_open_prep(struct tquic_aead_batch *b, struct tquic_aead_op *op,
			   struct tquic_aead_slot *slot,
			   struct tquic_aead_work *w)
{
	struct tquic_open_skb *os = &b->skb[op->skb];
	int n;

	w->len = op->len - op->hdr_len;
	sg_init_table(slot->src, ARRAY_SIZE(slot->src));
	sg_set_buf(slot->src, op->hdr, op->hdr_len);
	n = tquic_open_sg(b->start[op - b->op], os->skb, op->off + op->hdr_len,
			  w->len, slot->src + 1);
	if (n >= 0)
		sg_mark_end(&slot->src[n]);
	w->src = slot->src;
	w->dst = slot->src;
	if (os->writable)
		return 0;
	return tquic_open_prep_copy(b, op, slot, w, n);
}

/* Everything is decrypted: the copies take the place of their originals. */
void tquic_open_finish(struct tquic_aead_batch *b)
{
	const struct tquic_aead_op *op;
	struct tquic_open_skb *os;

	for (op = b->op; op < b->op + b->n; op++) {
		if (op->err)
			continue;
		if (op->flags & TQUIC_OP_COPIED)
			b->stats.copied++;
		else
			b->stats.in_place++;
	}
	for (os = b->skb; os < b->skb + b->nr_skbs; os++) {
		if (!os->copy)
			continue;
		consume_skb(os->skb);
		os->skb = os->copy;
		os->copy = NULL;
	}
}

/* The batch is freed: what was not taken goes with it. */
void tquic_open_release(struct tquic_aead_batch *b)
{
	struct tquic_open_skb *os;

	for (os = b->skb; os < b->skb + b->nr_skbs; os++) {
		kfree_skb(os->copy);
		kfree_skb(os->skb);
	}
}

/**
 * tquic_open_submit - open all packets of a batch
 * @b: batch; not to be touched until done()
 * @done: runs once, see aead_batch.h
 * @arg: passed to @done
 *
 * In done(), the plaintext of a packet whose err is 0 lies in
 * b->skb[op->skb].skb at tquic_open_payload_off(op), tquic_open_payload_len(op)
 * bytes.  Of that skb only the plaintext of such packets and the last 16 bytes
 * of packets opened in place are defined.  A packet that failed with -EBADMSG
 * may have been garbled, except for its last 16 bytes, in which a stateless
 * reset token would be (RFC 9000 section 10.3), if its buffer was not copied;
 * a caller that looks for tokens reads them before submission.
 *
 * Context: process context or softirq; does not sleep unless the batch's gfp
 * does.
 */
void tquic_open_submit(struct tquic_aead_batch *b, tquic_aead_done_t done,
		       void *arg)
{
	tquic_aead_batch_run(b, tquic_open_prep, done, arg);
}

/**
 * tquic_open_take_skb - take an opened buffer out of a completed batch
 * @b: batch
 * @i: index of the buffer
 *
 * Context: any, from done() on.
 * Return: the buffer, whose reference passes to the caller.
 */
struct sk_buff *tquic_open_take_skb(struct tquic_aead_batch *b, unsigned int i)
{
	struct sk_buff *skb = b->skb[i].skb;

	b->skb[i].skb = NULL;
	return skb;
}
