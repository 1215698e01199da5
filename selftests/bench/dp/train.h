/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A train: packets of one size that are planned, sealed and sent together.
 */
#ifndef _TQUIC_DP_TRAIN_H
#define _TQUIC_DP_TRAIN_H

#include <linux/list.h>
#include <linux/skbuff.h>
#include <linux/types.h>

#include "link.h"

struct dp_source;
struct tquic_aead_batch;
struct tquic_aead_key;
struct tquic_hp_key;

/* longest STREAM frame header used: type, stream ID, offset */
#define DP_FRAME_MAX	(1 + 1 + 8)
/* fragments of plaintext: a packet may be in two pages, or three */
#define DP_TRAIN_FRAGS	(3 * 64)

/**
 * struct dp_trainer - what trains are made from
 * @src: the byte stream
 * @key: packet key
 * @hp: header protection key
 * @out: where the next packet is written
 * @pn: next packet number
 * @offset: next byte of the stream
 * @size: bytes of every packet
 * @single: one packet in each buffer
 */
struct dp_trainer {
	struct dp_source *src;
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
	struct page_frag out;
	u64 pn;
	u64 offset;
	unsigned int size;
	bool single;
};

/**
 * struct dp_train - a train under way
 * @node: in the sender's list, in the order of packet numbers
 * @batch: its packets, while they are being sealed
 * @skbs: one buffer for all packets, or one for each
 * @n: number of packets
 * @bytes: bytes of the stream in them
 * @failed: packets that could not be sealed
 * @async: packets that were sealed asynchronously
 * @done: sealed; written last, with release
 * @wake: whom to wake when it is sealed
 * @nr_pages: number of @pages
 * @pages: pages of the plaintext, kept until it is sealed
 */
struct dp_train {
	struct list_head node;
	struct tquic_aead_batch *batch;
	struct sk_buff_head skbs;
	unsigned int n;
	unsigned int bytes;
	unsigned int failed;
	unsigned int async;
	bool done;
	wait_queue_head_t *wake;
	unsigned int nr_pages;
	struct page *pages[DP_TRAIN_FRAGS];
};

unsigned int dp_train_payload(const struct dp_trainer *tr);
struct dp_train *dp_train_build(struct dp_trainer *tr, unsigned int n,
				u64 bytes);
void dp_train_seal(struct dp_train *train, wait_queue_head_t *wake);
void dp_train_free(struct dp_train *train);

#endif /* _TQUIC_DP_TRAIN_H */
