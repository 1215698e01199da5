// SPDX-License-Identifier: GPL-2.0
/*
 * A TCP connection of a user inside the tunnel's datagrams.
 */
#include "world.h"

/* headers of the inner packet: IPv4, TCP, timestamps */
#define INNER_HEADERS	52
/* what stands in front of an inner packet, at most */
#define DFLOW_HEADER	12

/* kinds of datagrams */
enum { INNER_DATA, INNER_ACK };

/**
 * struct inner - state
 * @tcp: the connection
 * @f: the flow
 * @packet: bytes of a full inner packet
 */
struct inner {
	struct tcp tcp;
	struct flow *f;
	u32 packet;
};

static u32 segment(const struct inner *in)
{
	return in->packet - INNER_HEADERS;
}

static void send_segment(struct tcp *t, u64 tx)
{
	struct inner *in = container_of(t, struct inner, tcp);
	struct stamp stamp = { .seq = tx, .parts = 1, .kind = INNER_DATA };

	datagram_send(in->f, flow_sender(in->f), &stamp, in->packet);
}

static void send_ack(struct tcp *t, u64 word)
{
	struct inner *in = container_of(t, struct inner, tcp);
	struct stamp stamp = { .parts = 1, .kind = INNER_ACK | word << 1 };

	datagram_send(in->f, &in->f->w->end[!in->f->dir], &stamp,
		      INNER_HEADERS);
}

static void in_order(struct tcp *t, u64 segments)
{
	struct inner *in = container_of(t, struct inner, tcp);
	struct flow *f = in->f;

	flow_count(f, segments * segment(in));
	if (t->rx_next == t->limit)
		flow_done(f);
}

static const struct tcp_ops ops = {
	.data = send_segment,
	.ack = send_ack,
	.in_order = in_order,
};

static void start(struct flow *f)
{
	struct inner *in = f->state;

	if (!in->f) {
		in->f = f;
		in->packet = min_t(u32, f->w->sc->inner_mtu,
				   tquic_conn_dgram_max(flow_sender(f)->conn) -
				   DFLOW_HEADER);
		tcp_init(&in->tcp, f->w, &ops, f->conf->bbr ? TCP_BBR :
							      TCP_CUBIC);
		if (f->conf->size)
			in->tcp.limit = div64_u64(f->conf->size +
						  segment(in) - 1,
						  segment(in));
	}
	tcp_start(&in->tcp);
}

static void stop(struct flow *f)
{
	struct inner *in = f->state;

	tcp_stop(&in->tcp);
}

static void datagram(struct flow *f, struct end *at, const struct stamp *stamp,
		     u32 len, u8 leg)
{
	struct inner *in = f->state;

	if (at->who == f->dir)
		tcp_take_ack(&in->tcp, stamp->kind >> 1);
	else
		tcp_take_data(&in->tcp, stamp->seq);
}

static void done(struct flow *f)
{
	struct inner *in = f->state;

	if (in->f)
		tcp_free(&in->tcp);
}

const struct flow_ops app_inner = {
	.state_size = sizeof(struct inner),
	.start = start,
	.stop = stop,
	.datagram = datagram,
	.done = done,
};
