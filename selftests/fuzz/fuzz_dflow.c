// SPDX-License-Identifier: GPL-2.0
/*
 * A tunnel's datagrams at the peer's choice: headers, joining of pieces, order
 * over several legs, bounds.
 *
 * The first byte of the input bounds the memory; then each datagram is a byte
 * for its path and the time since the one before, one for its length, and its
 * bytes.
 */
#include "core/dflow.h"

#define CHECK(cond)			\
	do {				\
		if (!(cond))		\
			__builtin_trap(); \
	} while (0)

#define FLOWS	8

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static long refs;

static void get(void *handle)
{
	(void)handle;
	refs++;
}

static void put(void *handle)
{
	(void)handle;
	refs--;
	CHECK(refs >= 0);
}

static const struct tquic_buf_ops ops = { .get = get, .put = put };

/* what is delivered is whole, and made of what was received */
static void check_pkt(const struct tquic_dflow_pkt *pkt, size_t size)
{
	const struct tquic_dflow_piece *p;
	u32 off = 0, count = 0;

	for (p = pkt->first; p; p = p->next) {
		CHECK(p->off == off);
		CHECK(p->len || pkt->count == 1);
		CHECK((size_t)p->pos + p->len <= size);
		off += p->len;
		count++;
	}
	CHECK(off == pkt->len && off == pkt->got && count == pkt->count);
	CHECK(count <= TQUIC_DFLOW_PIECES_MAX);
}

static void deliver(struct tquic_dflows *set, size_t size)
{
	struct tquic_dflow_pkt *pkt;

	while ((pkt = tquic_dflows_next(set))) {
		check_pkt(pkt, size);
		tquic_dflow_pkt_free(set, pkt);
	}
}

static void check_set(const struct tquic_dflows *set, tquic_time_t now)
{
	const struct tquic_dflow *flow;
	const struct rb_node *node;
	u32 count = 0;

	CHECK(set->held <= set->held_max);
	CHECK(tquic_dflows_deadline(set) > now);
	for (node = rb_first(&set->root); node; node = rb_next(node)) {
		flow = rb_entry(node, struct tquic_dflow, node);
		CHECK(flow->due_at ==
		      tquic_reorder_deadline(&flow->rx.order));
		/* nothing is held longer than allowed */
		CHECK(!flow->rx.order.count ||
		      flow->due_at <= now + TQUIC_REORDER_HOLD_MAX);
		count++;
	}
	CHECK(count == set->count && count <= set->max);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct tquic_conn conn;
	struct tquic_dflows *set;
	tquic_time_t now = 1;
	size_t at = 1, len;

	if (!size)
		return 0;
	refs = 0;
	conn = (struct tquic_conn){ .config = { .buf_ops = &ops } };
	set = tquic_dflows_new(&conn, true, GFP_KERNEL);
	if (!set)
		return 0;
	set->max = FLOWS;
	set->held_max = 400 + data[0] * 64;
	while (at + 2 <= size) {
		now += (data[at] >> 2) * TQUIC_NS_PER_MS;
		tquic_dflows_timeout(set, now);
		len = min_t(size_t, data[at + 1], size - at - 2);
		tquic_dflow_rx_recv(set, data[at] & 3, &refs, at + 2, len,
				    data + at + 2, now, GFP_KERNEL);
		at += 2 + len;
		tquic_dflows_timeout(set, now);
		check_set(set, now);
		if (at & 1)
			deliver(set, size);
	}
	deliver(set, size);
	tquic_dflows_timeout(set, now + TQUIC_NS_PER_SEC);
	deliver(set, size);
	/* all that was held is gone */
	CHECK(!set->held && !refs);
	tquic_dflows_free(set);
	return 0;
}
