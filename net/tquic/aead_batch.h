/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sealing and opening packets, a batch at a time.
 *
 * A batch holds up to TQUIC_AEAD_BATCH_MAX packets: one GSO train on the way
 * out, one or more GRO aggregates on the way in.  It is made, filled, submitted
 * and freed by one owner; between submission and completion nobody but the
 * batch may touch it or the memory that it names.
 *
 * Sealing::
 *
 *	b = tquic_aead_batch_alloc(gfp);
 *	per packet:
 *		i = tquic_seal_packet(b, key, hp, out, hdr_len, pn_off,
 *				      path_id, pn);
 *		p = tquic_seal_inline(b, n);	  frame headers, small frames
 *		tquic_seal_page(b, page, off, n); stream data, by reference
 *	tquic_seal_submit(b, done, arg);
 *
 * Opening::
 *
 *	b = tquic_aead_batch_alloc(gfp);
 *	per skb:
 *		tquic_open_skb(b, skb);
 *		per packet in it:
 *			i = tquic_open_packet(b, hp, off, len, pn_off);
 *	tquic_open_unprotect(b);
 *	per packet: look at b->op[i].hdr and .pn_trunc, expand the number;
 *		tquic_open_key(b, i, key, path_id, pn);
 *	tquic_open_submit(b, done, arg);
 *
 * done() runs exactly once: inside submit when every packet was finished
 * synchronously, otherwise from the crypto layer's completion, in softirq or in
 * process context with bottom halves disabled.  It reads b->op[i].err, takes
 * what it wants (tquic_open_take_skb()) and ends with tquic_aead_batch_free(b).
 * There is no cancelling: who has to wait for a batch waits for its done().
 *
 * All functions here run in process context, with bottom halves enabled or
 * disabled, or in softirq; never in a hard interrupt.  None of them sleeps when
 * the batch was allocated with a gfp that does not.
 */
#ifndef _TQUIC_AEAD_BATCH_H
#define _TQUIC_AEAD_BATCH_H

#include <linux/atomic.h>
#include <linux/bvec.h>
#include <linux/gfp_types.h>
#include <linux/list.h>
#include <linux/types.h>

#include "aead.h"
#include "aead_hp.h"

struct page;
struct sk_buff;
struct tquic_aead_batch;
struct tquic_aead_slots;

/* a full GSO send is 64 KiB: 54 packets of the smallest QUIC datagram size */
#define TQUIC_AEAD_BATCH_MAX	64
/* fragments of plaintext over all packets of a batch */
#define TQUIC_AEAD_FRAGS_MAX	256
/* fragments of one packet, either way */
#define TQUIC_AEAD_SG_MAX	18
/* bytes for inline plaintext (seal) or header copies (open) of a batch */
#define TQUIC_AEAD_SCRATCH	4096

typedef void (*tquic_aead_done_t)(struct tquic_aead_batch *b, void *arg);

/**
 * struct tquic_aead_op - one packet of a batch
 * @key: packet key; NULL in an opening batch: the packet is passed over
 * @hp: header protection key
 * @pn: full packet number
 * @path_id: path ID, 0 without multipath
 * @err: valid in done(): 0, -EBADMSG (not authentic), -ENOKEY (no key given),
 *	-ENOMEM, -EINVAL, or what the crypto layer answered
 * @hdr: seal: start of the packet in the output.  open: copy of the header,
 *	free of protection after tquic_open_unprotect(), valid until the batch
 *	is freed
 * @hdr_len: bytes of header, packet number included; AAD
 * @pn_off: offset of the packet number in the header
 * @pn_len: bytes of the packet number, 1 to 4
 * @pn_trunc: open: the packet number as it came, @pn_len bytes
 * @len: seal: bytes of plaintext.  open: bytes of the packet, header and tag
 *	included
 * @off: open: where the packet begins in its skb
 * @skb: open: index in tquic_aead_batch.skb
 * @frag: seal: index of its first fragment
 * @nr_frags: seal: number of its fragments
 * @flags: private to the batch
 */
struct tquic_aead_op {
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
	u64 pn;
	u32 path_id;
	int err;
	u8 *hdr;
	u16 hdr_len;
	u16 pn_off;
	u8 pn_len;
	u8 skb;
	u16 flags;
	u32 pn_trunc;
	u32 len;
	u32 off;
	u16 frag;
	u16 nr_frags;
};

/**
 * struct tquic_aead_stats - what happened to the packets of one batch
 * @in_place: opened in the received buffer
 * @copied: opened into new pages because somebody else may see the buffer
 * @bad: failed to open: not authentic
 * @failed: failed for another reason
 * @async: finished asynchronously
 * @backlogged: of these, refused at first by a full queue and taken up later
 *
 * Plain numbers of this batch; the owner adds them to its counters in done().
 */
struct tquic_aead_stats {
	u16 in_place;
	u16 copied;
	u16 bad;
	u16 failed;
	u16 async;
	u16 backlogged;
};

/**
 * struct tquic_open_skb - one received buffer of an opening batch
 * @skb: the buffer; after completion the one that holds the plaintext
 * @copy: new buffer of the same length, made when @skb may not be written
 * @writable: nobody else may see @skb
 */
struct tquic_open_skb {
	struct sk_buff *skb;
	struct sk_buff *copy;
	bool writable;
};

/**
 * struct tquic_open_pos - a piece of contiguous memory of an skb
 * @skb: the skb itself or a member of its frag_list
 * @frag: fragment of @skb, -1 for its linear part
 * @base: offset of the piece's first byte in the whole skb
 */
struct tquic_open_pos {
	const struct sk_buff *skb;
	int frag;
	u32 base;
};

/**
 * struct tquic_aead_batch - up to TQUIC_AEAD_BATCH_MAX packets
 * @n: packets added so far
 * @nr_skbs: open: buffers added so far
 * @nr_frags: seal: fragments added so far
 * @scratch_len: bytes used of @scratch
 * @stats: valid in done()
 * @pending: operations unfinished, plus one while submit runs
 * @open: direction; settled by the first packet or skb
 * @async: some operation went asynchronous
 * @gfp: for everything that is allocated on the batch's behalf
 * @done: the owner's completion
 * @arg: passed to @done
 * @slots: requests of this batch, freed with it
 * @pos: open: where the last packet that was added begins
 * @op: the packets
 * @skb: open: the buffers
 * @start: open: where each packet begins
 * @frag: seal: the plaintext of all packets, in order
 * @sample: header protection samples, turned into masks
 * @scratch: inline plaintext (seal), headers without protection (open)
 *
 * The owner reads @n, @op, @stats and, when opening, @skb; the rest is private.
 */
struct tquic_aead_batch {
	u16 n;
	u16 nr_skbs;
	u16 nr_frags;
	u16 scratch_len;
	struct tquic_aead_stats stats;
	atomic_t pending;
	bool open;
	bool async;
	gfp_t gfp;
	tquic_aead_done_t done;
	void *arg;
	struct tquic_aead_slots *slots;
	struct tquic_open_pos pos;
	struct tquic_aead_op op[TQUIC_AEAD_BATCH_MAX];
	union {
		struct {
			struct tquic_open_skb skb[TQUIC_AEAD_BATCH_MAX];
			struct tquic_open_pos start[TQUIC_AEAD_BATCH_MAX];
		};
		struct bio_vec frag[TQUIC_AEAD_FRAGS_MAX];
	};
	u8 sample[TQUIC_AEAD_BATCH_MAX][TQUIC_HP_SAMPLE_LEN] __aligned(16);
	u8 scratch[TQUIC_AEAD_SCRATCH];
};

/**
 * tquic_open_payload_off - where the plaintext of an opened packet begins
 * @op: a packet whose @err is 0
 *
 * Return: offset in the skb that tquic_open_take_skb() gives.
 */
static inline unsigned int
tquic_open_payload_off(const struct tquic_aead_op *op)
{
	return op->off + op->hdr_len;
}

/**
 * tquic_open_payload_len - length of the plaintext of an opened packet
 * @op: a packet whose @err is 0
 *
 * Return: bytes of frames; 0 is a protocol violation (RFC 9000 section 12.4).
 */
static inline unsigned int
tquic_open_payload_len(const struct tquic_aead_op *op)
{
	return op->len - op->hdr_len - TQUIC_AEAD_TAG_LEN;
}

struct tquic_aead_batch *tquic_aead_batch_alloc(gfp_t gfp);
void tquic_aead_batch_free(struct tquic_aead_batch *b);

/*
 * Adding to a batch answers -ENOSPC when it is full: submit it and take the
 * next one.  The memory named must stay until done() and must be lowmem of the
 * page or slab allocator (no stack, no vmalloc).
 */
int tquic_seal_packet(struct tquic_aead_batch *b, struct tquic_aead_key *key,
		      struct tquic_hp_key *hp, void *pkt, unsigned int hdr_len,
		      unsigned int pn_off, u32 path_id, u64 pn);
u8 *tquic_seal_inline(struct tquic_aead_batch *b, unsigned int len);
int tquic_seal_page(struct tquic_aead_batch *b, struct page *page,
		    unsigned int off, unsigned int len);
int tquic_seal_buf(struct tquic_aead_batch *b, const void *buf,
		   unsigned int len);
void tquic_seal_cancel(struct tquic_aead_batch *b);
void tquic_seal_submit(struct tquic_aead_batch *b, tquic_aead_done_t done,
		       void *arg);

int tquic_open_skb(struct tquic_aead_batch *b, struct sk_buff *skb);
int tquic_open_packet(struct tquic_aead_batch *b, struct tquic_hp_key *hp,
		      unsigned int off, unsigned int len, unsigned int pn_off);
int tquic_open_unprotect(struct tquic_aead_batch *b);
void tquic_open_key(struct tquic_aead_batch *b, unsigned int i,
		    struct tquic_aead_key *key, u32 path_id, u64 pn);
void tquic_open_submit(struct tquic_aead_batch *b, tquic_aead_done_t done,
		       void *arg);
struct sk_buff *tquic_open_take_skb(struct tquic_aead_batch *b, unsigned int i);

#endif /* _TQUIC_AEAD_BATCH_H */
