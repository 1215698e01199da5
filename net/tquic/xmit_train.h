/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files that make trains. */
#ifndef _TQUIC_XMIT_TRAIN_H
#define _TQUIC_XMIT_TRAIN_H

#include <linux/types.h>

struct tquic_aead_batch;
struct tquic_train;

/**
 * struct tquic_train_run - packets that leave as one buffer
 * @first: first packet of the plan
 * @end: one past the last
 * @n: datagrams
 * @size: bytes of each but perhaps the last
 * @bytes: of all
 * @room: bytes at @out
 * @out: where the next packet is written
 */
struct tquic_train_run {
	unsigned int first;
	unsigned int end;
	unsigned int n;
	unsigned int size;
	unsigned int bytes;
	unsigned int room;
	u8 *out;
};

int tquic_train_seal(struct tquic_train *t, struct tquic_aead_batch *b,
		     unsigned int i, u8 *out);

#endif /* _TQUIC_XMIT_TRAIN_H */
