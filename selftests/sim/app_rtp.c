// SPDX-License-Identifier: GPL-2.0
/*
 * A video call: frames at a rate that follows what the receiver reports of
 * delay and loss, in the manner of today's browsers.
 */
#include "world.h"

#define FRAMES		30
#define PART		1200
#define REPORT		(100 * MS)
/* a picture that stands still for longer is noticed */
#define FREEZE		(200 * MS)
/* queueing delay that makes the sender slow down */
#define DELAY_HIGH	(40 * MS)
/* per thousand: loss that does, and loss that lets it speed up */
#define LOSS_HIGH	100
#define LOSS_LOW	20
#define LEAST_DELAY	(10 * SEC)
/* datagrams over which loss is judged */
#define JUDGED		50

/* kinds of datagrams */
enum { RTP_FRAME, RTP_REPORT };

/**
 * struct call - state
 * @rate: bits per second
 * @sent: datagrams sent
 * @next_report: when the receiver reports next
 * @seen: highest number of a datagram received
 * @got: how many were received
 * @judged_seen: @seen when the loss was last told
 * @judged_got: likewise
 * @least: least delay in the present interval
 * @least_before: in the one before
 * @least_since: when the interval began
 * @delay: smoothed delay
 * @parts: datagrams of each frame that came
 * @room: size of that
 * @shown: when the last whole frame came
 */
struct call {
	u64 rate;
	u32 sent;
	u64 next_report;
	u32 seen;
	u32 got;
	u32 judged_seen;
	u32 judged_got;
	u64 least;
	u64 least_before;
	u64 least_since;
	u64 delay;
	u16 *parts;
	u32 room;
	u64 shown;
};

static void start(struct flow *f)
{
	struct call *c = f->state;

	c->rate = f->conf->min;
	c->least = NEVER;
	c->least_before = NEVER;
	c->shown = NEVER;
	flow_after(f, draw_below(f->w->seed, f->number, SEC / FRAMES));
}

static void tick(struct flow *f)
{
	struct call *c = f->state;
	u32 bytes = max_t(u64, div_u64(c->rate, 8 * FRAMES), MESSAGE_MIN);
	struct stamp stamp = {
		.seq = message_sent(&f->res->messages, flow_now(f), bytes),
		.parts = DIV_ROUND_UP(bytes, PART),
	};
	u32 each = max(bytes / stamp.parts, (u32)MESSAGE_MIN);

	flow_after(f, SEC / FRAMES);
	f->res->offered += bytes;
	for (; stamp.part < stamp.parts; stamp.part++) {
		c->sent++;
		stamp.kind = RTP_FRAME | (u64)c->sent << 8;
		datagram_send(f, flow_sender(f), &stamp, each);
	}
}

static void note_delay(struct flow *f, u64 delay)
{
	struct call *c = f->state;

	if (flow_now(f) - c->least_since > LEAST_DELAY) {
		c->least_since = flow_now(f);
		c->least_before = c->least;
		c->least = NEVER;
	}
	c->least = min(c->least, delay);
	c->delay = c->delay ? (7 * c->delay + delay) / 8 : delay;
}

/* Per thousand, over so many datagrams that it means something. */
static u32 judge_loss(struct call *c)
{
	u32 seen = c->seen - c->judged_seen, got = c->got - c->judged_got;

	if (seen < JUDGED)
		return 0;
	c->judged_seen = c->seen;
	c->judged_got = c->got;
	return seen > got ? (seen - got) * 1000 / seen : 0;
}

/* The receiver tells its delay beyond the least, and its loss. */
static void report(struct flow *f, struct end *at)
{
	struct call *c = f->state;
	u64 over = c->delay - min(c->delay, min(c->least, c->least_before));
	struct stamp stamp = { .parts = 1 };

	if (flow_now(f) < c->next_report)
		return;
	c->next_report = flow_now(f) + REPORT;
	stamp.kind = RTP_REPORT | (u64)judge_loss(c) << 8 |
		     div_u64(over, US) << 32;
	datagram_send(f, at, &stamp, 60);
}

static void adapt(struct flow *f, const struct stamp *stamp)
{
	struct call *c = f->state;
	u32 loss = stamp->kind >> 8 & 0xffff;
	u64 over = (stamp->kind >> 32) * US;

	if (over > DELAY_HIGH)
		c->rate -= c->rate / 8;
	else if (loss > LOSS_HIGH)
		c->rate -= c->rate * loss / 2000;
	else if (loss <= LOSS_LOW)
		c->rate += c->rate / 100;
	c->rate = clamp(c->rate, f->conf->min, f->conf->max);
}

/* A frame is whole. */
static void show(struct flow *f, u32 frame, u8 leg)
{
	struct call *c = f->state;

	message_got(&f->res->messages, frame, flow_now(f), leg);
	if (c->shown != NEVER && flow_now(f) - c->shown > FREEZE)
		f->res->stalls++;
	c->shown = flow_now(f);
}

static void datagram(struct flow *f, struct end *at, const struct stamp *stamp,
		     u32 len, u8 leg)
{
	struct call *c = f->state;

	if (at->who == f->dir) {
		adapt(f, stamp);
		return;
	}
	flow_count(f, len);
	while (stamp->seq >= c->room) {
		c->parts = xgrow(c->parts, (c->room + 1024) *
				 sizeof(*c->parts));
		memset(c->parts + c->room, 0, 1024 * sizeof(*c->parts));
		c->room += 1024;
	}
	c->got++;
	c->seen = max(c->seen, (u32)(stamp->kind >> 8));
	note_delay(f, flow_now(f) - f->res->messages.msg[stamp->seq].sent);
	if (++c->parts[stamp->seq] == stamp->parts)
		show(f, stamp->seq, leg);
	report(f, at);
}

static void done(struct flow *f)
{
	struct call *c = f->state;

	free(c->parts);
}

const struct flow_ops app_rtp = {
	.state_size = sizeof(struct call),
	.start = start,
	.tick = tick,
	.datagram = datagram,
	.done = done,
};
