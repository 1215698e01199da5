// SPDX-License-Identifier: GPL-2.0
/*
 * Whole connections: two endpoints in virtual time, and a program of what
 * their applications, the network and a hostile peer do to them.
 *
 * The input is the program: bytes of configuration, then operations with their
 * arguments.  A peer that has the keys may say anything: packets with frames of
 * any type and value, near to what the endpoint expects or far from it, with
 * any number and on any path, are put before it as if they had been opened.
 * Nothing is encrypted here, so that a network that changes bytes is a hostile
 * peer too.
 *
 * Whatever happens, an endpoint holds bounded memory, its timers come to rest,
 * and taking it down frees all.
 */
#include <stdlib.h>

#include "cc/algos.h"
#include "fuzz_input.h"
#include "lib_pair.h"
#include "shim.h"
#include "tap.h"

#define OPS_MAX		256
#define WINDOW		65536
/* of one run: what two endpoints may hold in buffers and in state */
#define BUFS_MAX	(8U << 20)
#define STATE_MAX	(4U << 20)
#define MANGLE_MAX	16

/* spoils the next datagrams: how many, which byte, and what becomes of it */
static struct {
	unsigned int left;
	u32 at;
	u8 flip;
} mangling;

static void mangle(struct lp *lp, unsigned int from, u8 *data, u32 len)
{
	if (!mangling.left)
		return;
	mangling.left--;
	data[mangling.at % len] ^= mangling.flip;
}

static size_t state_bytes;

static void add_bytes(const char *file, int line, size_t size)
{
	state_bytes += size;
}

static void check_memory(void)
{
	CHECK(lp_buf_bytes() <= BUFS_MAX);
	state_bytes = 0;
	tq_shim_outstanding(add_bytes);
	CHECK(state_bytes <= STATE_MAX);
}

static struct tquic_path *any_path(struct lp *lp, unsigned int end)
{
	struct tquic_path *path;
	unsigned int n = in_u8();

	list_for_each_entry(path, &lp->end[end].conn->paths, node)
		if (!n--)
			return path;
	return NULL;
}

static struct tquic_stream *any_stream(struct lp *lp, unsigned int end)
{
	return tquic_streams_find(&lp->end[end].conn->streams, in_u8());
}

/* Integers that mean something to the endpoint, or nothing at all. */
static u64 any_value(struct lp *lp, unsigned int end)
{
	struct tquic_path *path;
	u8 how = in_u8();

	switch (how % 8) {
	case 0:
	case 1:
		return how >> 3;
	case 2:
		path = any_path(lp, end);
		return path ? path->space.loss.sent.next - (how >> 4) : 0;
	case 3:
		return in_u16();
	case 4:
		return WINDOW + (s8)in_u8();
	case 5:
		return (1ULL << (how >> 3 << 1)) + (s8)in_u8();
	case 6:
		return TQUIC_VARINT_MAX - (how >> 3);
	default:
		return in_u32();
	}
}

static const u16 frame_types[] = {
	TQUIC_FRAME_PADDING, TQUIC_FRAME_PING, TQUIC_FRAME_ACK,
	TQUIC_FRAME_ACK_ECN, TQUIC_FRAME_RESET_STREAM,
	TQUIC_FRAME_STOP_SENDING, TQUIC_FRAME_CRYPTO, TQUIC_FRAME_NEW_TOKEN,
	TQUIC_FRAME_STREAM, TQUIC_FRAME_STREAM_LAST, TQUIC_FRAME_MAX_DATA,
	TQUIC_FRAME_MAX_STREAM_DATA, TQUIC_FRAME_MAX_STREAMS_BIDI,
	TQUIC_FRAME_MAX_STREAMS_UNI, TQUIC_FRAME_DATA_BLOCKED,
	TQUIC_FRAME_STREAM_DATA_BLOCKED, TQUIC_FRAME_STREAMS_BLOCKED_BIDI,
	TQUIC_FRAME_STREAMS_BLOCKED_UNI, TQUIC_FRAME_NEW_CONNECTION_ID,
	TQUIC_FRAME_RETIRE_CONNECTION_ID, TQUIC_FRAME_PATH_CHALLENGE,
	TQUIC_FRAME_PATH_RESPONSE, TQUIC_FRAME_CONNECTION_CLOSE,
	TQUIC_FRAME_CONNECTION_CLOSE_APP, TQUIC_FRAME_HANDSHAKE_DONE,
	TQUIC_FRAME_DATAGRAM, TQUIC_FRAME_DATAGRAM_LEN, TQUIC_FRAME_PATH_ACK,
	TQUIC_FRAME_PATH_ACK_ECN, TQUIC_FRAME_PATH_ABANDON,
	TQUIC_FRAME_PATH_STATUS_BACKUP, TQUIC_FRAME_PATH_STATUS_AVAILABLE,
	TQUIC_FRAME_PATH_NEW_CONNECTION_ID,
	TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID, TQUIC_FRAME_MAX_PATH_ID,
	TQUIC_FRAME_PATHS_BLOCKED, TQUIC_FRAME_PATH_CIDS_BLOCKED,
	TQUIC_FRAME_IMMEDIATE_ACK, TQUIC_FRAME_ACK_FREQUENCY,
	TQUIC_FRAME_RECEIVE_TIME,
};

static u8 filler[1500];

static void any_body(const struct tquic_frame_attr *attr,
		     struct tquic_frame *f)
{
	static u8 cid[TQUIC_PKT_CID_MAX], token[TQUIC_RESET_TOKEN_LEN];

	switch ((enum tquic_frame_body)attr->body) {
	case TQUIC_FRAME_BODY_DATA:
	case TQUIC_FRAME_BODY_REST:
		f->len = in_u8() * 4;
		f->data = filler;
		break;
	case TQUIC_FRAME_BODY_ACK:
		f->ack.ranges_len = in_bytes(&f->ack.ranges, in_u8());
		break;
	case TQUIC_FRAME_BODY_CID:
		memset(cid, in_u8(), sizeof(cid));
		memset(token, in_u8(), sizeof(token));
		f->new_cid.cid = cid;
		f->new_cid.cid_len = 1 + in_u8() % TQUIC_PKT_CID_MAX;
		f->new_cid.token = token;
		break;
	case TQUIC_FRAME_BODY_PADDING:
		f->len = 1 + in_u8();
		break;
	case TQUIC_FRAME_BODY_PROBE:
		memset(f->probe, in_u8(), sizeof(f->probe));
		break;
	case TQUIC_FRAME_BODY_NONE:
		break;
	}
}

/* A frame of any type; false when it cannot be written at all. */
static bool any_frame(struct lp *lp, unsigned int end, struct tquic_wr *wr)
{
	u16 type = frame_types[in_u8() % ARRAY_SIZE(frame_types)];
	const struct tquic_frame_attr *attr = tquic_frame_attr(type);
	struct tquic_frame f = { .type = type };
	unsigned int i;

	for (i = 0; attr->field[i]; i++)
		*(u64 *)((u8 *)&f + attr->field[i]) = any_value(lp, end);
	any_body(attr, &f);
	return !tquic_frame_encode(wr, &f);
}

/* A packet of the peer's making is put before an endpoint. */
static void inject(struct lp *lp, unsigned int end, bool frames)
{
	const struct tquic_path *path = any_path(lp, end);
	u8 payload[1200], how = in_u8();
	struct lp_raw raw = {
		.path_id = path ? path->id : in_u8(),
		.link = how & 3,
		.next_keys = how >> 2 == 1,
		.pn = path ? tquic_ackq_next(&path->space.ackq) : 0,
		.payload = payload,
	};
	struct tquic_wr wr = tquic_wr_init(payload, sizeof(payload));
	unsigned int n;
	const u8 *p;

	if (how & 0x40)
		raw.pn += in_u8();
	else if (how & 0x80)
		raw.pn = any_value(lp, end);
	/* neither opened without keys, nor found without a connection ID */
	if (raw.pn > TQUIC_PN_MAX ||
	    !(lp->end[end].conn->tx_keys & BIT(TQUIC_PKT_1RTT)))
		return;
	if (frames) {
		for (n = 1 + in_u8() % 8; n; n--)
			if (!any_frame(lp, end, &wr))
				break;
		raw.len = wr.ptr - payload;
	} else {
		raw.len = in_bytes(&p, in_u8());
		memcpy(payload, p, raw.len);
	}
	lp_inject_raw(lp, end, &raw);
}

static void change_link(struct lp *lp)
{
	struct lp_link *link = &lp->link[in_u8() % LP_LINKS];
	u8 how = in_u8();

	switch (how % 5) {
	case 0:
		link->down = !link->down;
		break;
	case 1:
		link->loss = in_u8() * 4;
		break;
	case 2:
		link->rebind = in_u16();
		break;
	case 3:
		link->delay = in_u8() * LP_MS;
		break;
	case 4:
		link->rate = 1000 + in_u16() * 10;
		break;
	}
}

/* Datagrams are sent, or those that came are read. */
static void datagrams(struct lp *lp, unsigned int end)
{
	struct tquic_conn *conn = lp->end[end].conn;
	struct tquic_dgram_req req;
	struct tquic_dgram_in in;
	u8 how = in_u8();
	unsigned int fate, n;
	u64 cookie;

	if (conn->state > TQUIC_CONN_ESTABLISHED)
		return;
	if (how & 0x80) {
		while (tquic_conn_dgram_next(conn, &in))
			lp_buf_ops.put(in.handle);
		while (tquic_conn_dgram_fate(conn, &cookie, &fate))
			;
		return;
	}
	for (n = how >> 4 & 7; n; n--) {
		req = (struct tquic_dgram_req){
			.handle = lp_buf_new(2000),
			.len = in_u8() * 6,
			.deadline = lp->now + in_u8() * LP_MS,
			.flags = in_u8() & (TQUIC_DGRAM_F_NOTIFY |
					    TQUIC_DGRAM_F_AGAIN |
					    TQUIC_DGRAM_F_COPY),
		};
		tquic_conn_dgram_send(conn, NULL, how % TQUIC_STREAM_CLASSES,
				      &req, lp->now, GFP_KERNEL);
		lp_buf_ops.put(req.handle);
	}
}

static void app(struct lp *lp, unsigned int end)
{
	struct tquic_conn *conn = lp->end[end].conn;
	struct tquic_stream *s;
	u8 how = in_u8();

	if (conn->state > TQUIC_CONN_ESTABLISHED)
		return;
	s = how % 6 ? any_stream(lp, end) :
	    tquic_conn_open(conn, how & 0x80, lp->now, GFP_KERNEL);
	if (!s || s->released)
		return;
	switch (how % 6) {
	case 0:
	case 1:
		if (lp_bufs() < 64)
			lp_try(lp, end, s, in_u16(), how & 0x40);
		break;
	case 2:
		tquic_conn_reset(conn, s, how);
		break;
	case 3:
		tquic_conn_stop(conn, s, how, lp->now);
		break;
	case 4:
		tquic_streams_set_class(&conn->streams, s,
					in_u8() % TQUIC_STREAM_CLASSES);
		break;
	case 5:
		lp->end[end].greedy = !lp->end[end].greedy;
		break;
	}
}

static void migrate(struct lp *lp, unsigned int end, u8 how)
{
	struct tquic_tuple tuple;

	lp_tuple(lp, end, (how >> 2) % LP_LINKS, &tuple);
	if (how & 0x20)
		tquic_conn_preferred(lp->end[end].conn, &tuple);
	tquic_conn_migrate(lp->end[end].conn, how >> 4 & 1, &tuple, lp->now);
}

static void paths(struct lp *lp, unsigned int end)
{
	struct tquic_conn *conn = lp->end[end].conn;
	u8 how = in_u8();

	switch (how % 4) {
	case 0:
		if (conn->state <= TQUIC_CONN_ESTABLISHED)
			lp_open(lp, in_u8() % LP_LINKS);
		break;
	case 1:
		tquic_conn_abandon_path(conn, how >> 2, 0, lp->now,
					GFP_KERNEL);
		break;
	case 2:
		tquic_conn_set_backup(conn, how >> 3, how & 4);
		break;
	case 3:
		if (how & 0x40)
			migrate(lp, end, how);
		else
			tquic_conn_key_update(conn, lp->now);
		break;
	}
}

static void step(struct lp *lp)
{
	unsigned int end, op = in_u8();
	u8 ms;

	end = op >> 7;
	switch (op % 8) {
	case 0:
	case 1:
		ms = in_u8();
		lp_run(lp, ms * ms * TQUIC_NS_PER_MS / 16);
		break;
	case 2:
		app(lp, end);
		break;
	case 3:
		paths(lp, end);
		break;
	case 4:
		op & 0x40 ? change_link(lp) : datagrams(lp, end);
		break;
	case 5:
		inject(lp, end, true);
		break;
	case 6:
		inject(lp, end, op & 0x40);
		break;
	case 7:
		if (op & 0x40) {
			lp->fail_sends = in_u8() & 15;
			break;
		}
		mangling.left = in_u8() % MANGLE_MAX;
		mangling.at = in_u16();
		mangling.flip = in_u8();
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct lp_config config;
	unsigned int ops;
	struct lp lp;
	u8 how;

	in_begin(data, size);
	how = in_u8();
	config = (struct lp_config){
		.cc = how & 1 ? &tquic_bbr_ops : &tquic_cubic_ops,
		.window = how & 2 ? WINDOW : 1 << 20,
		.max_path_id = how & 4 ? U64_MAX : how >> 4,
		.ecn = how & 8,
		.max_datagram = how & 0x80 ? 1200 : 0,
		.preferred = how & 0x40,
	};
	mangling.left = 0;
	lp_start(&lp, &config);
	lp.mangle = mangle;
	/* not always from a handshake that went well */
	if (in_u8() & 7)
		lp_handshake(&lp);
	for (ops = 0; in_left() && ops < OPS_MAX; ops++) {
		step(&lp);
		check_memory();
	}
	/* all settles: a timer that is never dealt with is caught there */
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	lp_stop(&lp);
	CHECK(!tq_shim_outstanding(NULL));
	CHECK(!lp_bufs());
	return 0;
}
