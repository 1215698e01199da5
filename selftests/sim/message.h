/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages, requests, frames: when each was sent and when it had arrived.
 */
#ifndef _SIM_MESSAGE_H
#define _SIM_MESSAGE_H

#include "common.h"

/* least bytes of a datagram: what is written into it to know it again */
#define MESSAGE_MIN	32

/**
 * struct message - one of them
 * @sent: when it was sent, ns from the start of bulk
 * @first: when its first byte had arrived, NEVER if none has
 * @got: when all of it had
 * @size: bytes
 * @leg: which its last datagram came by
 * @copies: times that it came
 */
struct message {
	u64 sent;
	u64 first;
	u64 got;
	u32 size;
	u8 leg;
	u8 copies;
};

/**
 * struct messages - those of a flow, in the order of their sending
 * @msg: array
 * @count: how many
 * @room: size of @msg
 * @next: lowest number that none above has overtaken
 * @late: how many came after one that was sent later
 */
struct messages {
	struct message *msg;
	u32 count;
	u32 room;
	u32 next;
	u32 late;
};

u32 message_sent(struct messages *ms, u64 now, u32 size);
/* answers whether it came for the first time */
bool message_got(struct messages *ms, u32 i, u64 now, u8 leg);

/**
 * struct stamp - what is known of a datagram by its content
 * @seq: number of the message
 * @part: number of this datagram of it
 * @parts: how many it has
 * @kind: for the flow
 */
struct stamp {
	u32 seq;
	u16 part;
	u16 parts;
	u64 kind;
};

void stamp_write(u8 *out, u32 len, const struct stamp *stamp);
/* false when the bytes are not those that were written */
bool stamp_read(const u8 *in, u32 len, struct stamp *stamp);

#endif /* _SIM_MESSAGE_H */
