// SPDX-License-Identifier: GPL-2.0
#include "message.h"
#include "packet.h"

u32 message_sent(struct messages *ms, u64 now, u32 size)
{
	if (ms->count == ms->room) {
		ms->room = ms->room ? 2 * ms->room : 64;
		ms->msg = xgrow(ms->msg, ms->room * sizeof(*ms->msg));
	}
	ms->msg[ms->count] = (struct message){
		.sent = now, .first = NEVER, .got = NEVER, .size = size,
	};
	return ms->count++;
}

bool message_got(struct messages *ms, u32 i, u64 now, u8 leg)
{
	struct message *m = &ms->msg[i];

	CHECK(i < ms->count);
	if (m->copies < U8_MAX)
		m->copies++;
	if (m->copies > 1)
		return false;
	m->first = min(m->first, now);
	m->got = now;
	m->leg = leg;
	if (i < ms->next)
		ms->late++;
	else
		ms->next = i + 1;
	return true;
}

/* The stamp, and a pattern that depends on it. */
void stamp_write(u8 *out, u32 len, const struct stamp *stamp)
{
	CHECK(len >= MESSAGE_MIN);
	put_unaligned_be32(stamp->seq, out);
	put_unaligned_be16(stamp->part, out + 4);
	put_unaligned_be16(stamp->parts, out + 6);
	put_unaligned_be64(stamp->kind, out + 8);
	put_unaligned_be32(len, out + 16);
	memcpy(out + 20, pattern.data + stamp->seq % PATTERN, len - 20);
}

bool stamp_read(const u8 *in, u32 len, struct stamp *stamp)
{
	if (len < MESSAGE_MIN || get_unaligned_be32(in + 16) != len)
		return false;
	stamp->seq = get_unaligned_be32(in);
	stamp->part = get_unaligned_be16(in + 4);
	stamp->parts = get_unaligned_be16(in + 6);
	stamp->kind = get_unaligned_be64(in + 8);
	return !memcmp(in + 20, pattern.data + stamp->seq % PATTERN,
		       len - 20);
}
