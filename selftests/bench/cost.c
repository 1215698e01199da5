// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet costs the core while many are outstanding.
 *
 * One end of a connection sends a long stream; nothing arrives anywhere, and
 * acknowledgments are made up.  First as many packets as asked for are sent,
 * then so many more while as many are acknowledged; the latter is measured.
 * See selftests/bench/cost, which runs it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "core/conn_priv.h"
#include "lib_pair.h"
#include "shim.h"
#include "tap.h"

#define GROUP		64U	/* packets sent between acknowledgments */
#define MEASURED	32768U	/* packets that are measured */
#define BUF		65536U
#define AHEAD		(4U << 20)

static struct lp lp;
static struct tquic_conn *conn;
static struct tquic_stream *stream;
static void *buf;
static unsigned int npaths = 1;
static u64 cwnd;
static u64 sent;
/* next packet of each path to be acknowledged, and those told last */
static u64 next_ack[LP_LINKS];
static u64 told[LP_LINKS][64][2];

/* what the two endpoints of the tests need */
static u64 seed = 1;

u64 tq_rand(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed ^ seed >> 29;
}

u64 tq_rand_below(u64 n)
{
	return tq_rand() % n;
}

void tq_rand_bytes(void *bytes, size_t len)
{
	u8 *p = bytes;

	while (len--)
		*p++ = tq_rand();
}

void tq_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

void tq_abort(void)
{
	exit(2);
}

/* a window that nothing changes */
static int cc_init(struct tquic_cc *cc, tquic_time_t now)
{
	cc->cwnd = cwnd;
	cc->pacing_rate = 1ULL << 40;
	return 0;
}

static void cc_ack(struct tquic_cc *cc, const struct tquic_cc_sample *sample)
{
}

static void cc_loss(struct tquic_cc *cc, const struct tquic_cc_loss *loss)
{
}

static void cc_persistent(struct tquic_cc *cc, tquic_time_t now)
{
}

static const struct tquic_cc_ops fixed = {
	.name = "fixed",
	.init = cc_init,
	.on_ack = cc_ack,
	.on_loss = cc_loss,
	.on_persistent = cc_persistent,
};

static void fill(void)
{
	while (stream->q.end < stream->tx.used + AHEAD)
		if (tquic_conn_write(conn, stream, buf, 0, BUF, false,
				     GFP_KERNEL))
			tq_fail(__FILE__, __LINE__, "no memory");
}

/* Packets go out, to nowhere; false when nothing may be sent. */
static bool send_train(void)
{
	static struct tquic_plan plan;
	u16 i;

	fill();
	lp.now += 1000;
	if (!tquic_conn_plan(conn, lp.now, &plan, GFP_KERNEL))
		return false;
	for (i = 0; i < plan.nsegs; i++)
		if (plan.segs[i].handle)
			lp_buf_ops.put(plan.segs[i].handle);
	sent += plan.npkts;
	return true;
}

static void send_packets(u64 count)
{
	u64 until = sent + count;
	unsigned int idle = 0;

	while (sent < until && idle < 16)
		idle = send_train() ? 0 : idle + 1;
}

/* One PATH_ACK of ranges from the highest down. */
static void say(u32 id, u64 (*ranges)[2], unsigned int n)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_ACK,
		.path_id = id,
		.ack = {
			.largest = ranges[0][1],
			.first_range = ranges[0][1] - ranges[0][0],
			.range_count = n - 1,
		},
	};
	u8 list[1024], payload[1200];
	struct tquic_wr wr = tquic_wr_init(list, sizeof(list));
	struct lp_raw raw = { .path_id = id, .link = id };
	enum tquic_drop drop;
	unsigned int i;

	for (i = 1; i < n; i++)
		tquic_frame_ack_put_range(&wr, ranges[i - 1][0], ranges[i][0],
					  ranges[i][1]);
	f.ack.ranges = list;
	f.ack.ranges_len = wr.ptr - list;
	wr = tquic_wr_init(payload, sizeof(payload));
	tquic_frame_encode(&wr, &f);
	raw.payload = payload;
	raw.len = wr.ptr - payload;
	raw.pn = tquic_ackq_next(&tquic_conn_path(conn, id)->space.ackq);
	drop = lp_inject_raw(&lp, 0, &raw);
	if (drop)
		tq_fail(__FILE__, __LINE__, "refused: %d", drop);
}

/* Two packets to an acknowledgment, in the order of sending. */
static void ack_order(u32 id)
{
	u64 range[1][2], end = next_ack[id] + GROUP;

	for (; next_ack[id] < end; next_ack[id] += 2) {
		range[0][0] = next_ack[id];
		range[0][1] = next_ack[id] + 1;
		say(id, range, 1);
	}
}

/* Every second packet is lost. */
static void ack_half(u32 id)
{
	u64 ranges[GROUP / 2][2];
	unsigned int i;

	for (i = 0; i < GROUP / 2; i++) {
		ranges[i][0] = next_ack[id] + GROUP - 1 - 2 * i;
		ranges[i][1] = ranges[i][0];
	}
	next_ack[id] += GROUP;
	say(id, ranges, GROUP / 2);
}

/* Every fourth is lost, and each acknowledgment tells the last 64 ranges. */
static void ack_ranges(u32 id)
{
	u64 end = next_ack[id] + GROUP;
	unsigned int i;

	for (; next_ack[id] < end; next_ack[id] += 4) {
		memmove(told[id] + 1, told[id], sizeof(told[id]) -
						sizeof(told[id][0]));
		told[id][0][0] = next_ack[id];
		told[id][0][1] = next_ack[id] + 2;
		for (i = 1; i < 64 && told[id][i][1]; i++)
			;
		say(id, told[id], i);
	}
}

static void steady(void (*ack)(u32 id))
{
	u64 until;
	u32 id = 0;

	/* what is lost of the first is measured as well as of the others */
	for (until = sent + MEASURED; sent < until; id = (id + 1) % npaths) {
		ack(id);
		send_packets(GROUP);
	}
}

/* The newest first, each on its own: all others are late then. */
static void newest(void)
{
	u64 range[1][2], first = next_ack[0];
	u64 last = tquic_conn_first_path(conn)->space.loss.sent.next;

	while (last-- > first) {
		range[0][0] = last;
		range[0][1] = last;
		say(0, range, 1);
	}
}

static size_t state;

static void add(const char *file, int line, size_t size)
{
	state += size;
}

static size_t state_bytes(void)
{
	state = 0;
	tq_shim_outstanding(add);
	return state;
}

static u64 cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * TQUIC_NS_PER_SEC + ts.tv_nsec;
}

static u64 spent_ns, begun;

static void measure(void)
{
	begun = cpu_ns();
	CALLGRIND_START_INSTRUMENTATION;
}

static void measured(void)
{
	CALLGRIND_STOP_INSTRUMENTATION;
	spent_ns += cpu_ns() - begun;
}

static void start(u64 outstanding)
{
	const struct lp_config config = {
		.cc = &fixed, .window = 1ULL << 50, .max_path_id = 3,
	};
	struct tquic_path *path;
	unsigned int i;

	/* of the handshake, and what every path may have */
	cwnd = (outstanding / npaths + 1) * 1200;
	lp_start(&lp, &config);
	if (!lp_handshake(&lp))
		tq_fail(__FILE__, __LINE__, "no handshake");
	lp_run(&lp, 100 * LP_MS);
	for (i = 1; i < npaths; i++)
		lp_open(&lp, i);
	lp_run(&lp, 500 * LP_MS);
	conn = lp.end[0].conn;
	for (i = 0; i < npaths; i++) {
		path = tquic_conn_path(conn, i);
		/* no number is left out, so that all can be acknowledged */
		path->skip_in = U32_MAX;
		path->cc->cwnd = cwnd;
		next_ack[i] = path->space.loss.sent.next;
	}
	buf = lp_buf_new(BUF);
	stream = tquic_conn_open(conn, false, lp.now, GFP_KERNEL);
	if (!stream)
		tq_fail(__FILE__, __LINE__, "no stream");
}

static const struct {
	const char *name;
	void (*ack)(u32 id);
	unsigned int npaths;
} ways[] = {
	{ "order", ack_order, 1 },
	{ "half", ack_half, 1 },
	{ "ranges", ack_ranges, 1 },
	{ "paths", ack_order, 4 },
	{ "newest", NULL, 1 },
};

int main(int argc, char **argv)
{
	u64 outstanding, before, packets;
	unsigned int i;
	size_t bytes;

	if (argc != 3) {
		fprintf(stderr,
			"usage: cost order|half|ranges|paths|newest N\n");
		return 2;
	}
	for (i = 0; strcmp(ways[i].name, argv[1]); i++)
		if (i + 1 == ARRAY_SIZE(ways))
			tq_fail(__FILE__, __LINE__, "no such way: %s", argv[1]);
	outstanding = strtoull(argv[2], NULL, 0);
	npaths = ways[i].npaths;
	start(outstanding);
	bytes = state_bytes();
	if (ways[i].ack)
		send_packets(outstanding);
	before = sent;
	if (!ways[i].ack) {
		measure();
		send_packets(outstanding);
		measured();
	}
	bytes = state_bytes() - bytes;
	measure();
	if (ways[i].ack)
		steady(ways[i].ack);
	else
		newest();
	measured();
	packets = sent - before;
	if (conn->state != TQUIC_CONN_ESTABLISHED)
		tq_fail(__FILE__, __LINE__, "connection ended");
	printf("%llu %llu %zu %llu\n", (unsigned long long)packets,
	       (unsigned long long)spent_ns, bytes,
	       (unsigned long long)(ways[i].ack ? before : sent));
	return 0;
}
