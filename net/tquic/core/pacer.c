// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing of a path in nanoseconds: RFC 9002 section 7.7.
 */
#include "pacer.h"

void tquic_pacer_init(struct tquic_pacer *pacer, tquic_time_t now)
{
	*pacer = (struct tquic_pacer){ .next = now };
}

/**
 * tquic_pacer_set_rate - follow the congestion controller
 * @pacer: pacer
 * @now: present time
 * @rate: bytes per second; 0 = unpaced
 *
 * A debt made at the old rate is converted to the new one, so that a path
 * whose rate rises is not held back by what it sent when it was slow.
 */
void tquic_pacer_set_rate(struct tquic_pacer *pacer, tquic_time_t now,
			  u64 rate)
{
	u64 old = pacer->rate;

	pacer->rate = rate;
	if (pacer->next <= now || !old)
		return;
	pacer->next = rate ? now + mul_u64_u64_div_u64(pacer->next - now, old,
						       rate) : now;
}

/**
 * tquic_pacer_sent - account for a train
 * @pacer: pacer
 * @now: when it left
 * @bytes: its size
 */
void tquic_pacer_sent(struct tquic_pacer *pacer, tquic_time_t now, u64 bytes)
{
	tquic_time_t floor = now > TQUIC_PACER_SLACK ?
			     now - TQUIC_PACER_SLACK : 0;

	if (!pacer->rate) {
		pacer->next = now;
		return;
	}
	pacer->next = max(pacer->next, floor) +
		      mul_u64_u64_div_u64(bytes, TQUIC_NS_PER_SEC, pacer->rate);
}

/**
 * tquic_pacer_train - how much may leave at once
 * @pacer: pacer
 * @mds: bytes of a full datagram
 *
 * Return: bytes, at least two datagrams, so that a slow path still gets its
 * acknowledgments without the delayed-ack timer.
 */
u64 tquic_pacer_train(const struct tquic_pacer *pacer, u32 mds)
{
	u64 bytes = TQUIC_PACER_TRAIN_MAX;

	if (pacer->rate)
		bytes = mul_u64_u64_div_u64(pacer->rate, TQUIC_PACER_TRAIN_NS,
					    TQUIC_NS_PER_SEC);
	return clamp_t(u64, bytes, 2ULL * mds, TQUIC_PACER_TRAIN_MAX);
}
