// SPDX-License-Identifier: GPL-2.0
/*
 * A TLS that is a few bytes of text: it carries the transport parameters and
 * says when there are keys.
 */
#include "world.h"

#define MESSAGE_MAX	2048

static void say(struct end *end, enum tquic_pkt_type type, char what,
		bool tparams)
{
	struct buf *buf = buf_new(MESSAGE_MAX);
	struct tquic_wr wr = tquic_wr_init(buf->data, MESSAGE_MAX);

	tquic_wr_u8(&wr, what);
	tquic_wr_u16(&wr, 0);
	if (tparams)
		CHECK(!tquic_tparam_build(&wr, &end->conn->ours, end->who));
	put_unaligned_be16(wr.ptr - buf->data, buf->data + 1);
	CHECK(!tquic_conn_crypto_write(end->conn, type, buf, 0,
				       wr.ptr - buf->data, GFP_KERNEL));
	buf_put(buf);
}

/* Takes one whole message of a level, if it is there. */
static u32 hear(struct end *end, enum tquic_pkt_type type, u8 *msg)
{
	struct tquic_reasm *in = tquic_conn_crypto_in(end->conn, type);
	const struct tquic_reasm_seg *seg;
	u32 len = 0, n;

	while (tquic_reasm_readable(in) && (seg = tquic_reasm_peek(in))) {
		n = seg->len;
		CHECK(len + n <= MESSAGE_MAX);
		memcpy(msg + len, ((struct buf *)seg->handle)->data + seg->pos,
		       n);
		tquic_reasm_consume(in, n);
		len += n;
	}
	CHECK(!len || len == get_unaligned_be16(msg + 1));
	return len;
}

static void client(struct end *end)
{
	u64 now = end_clock(end);
	u8 msg[MESSAGE_MAX];
	u32 len;

	if (end->tls == 0) {
		say(end, TQUIC_PKT_INITIAL, 'C', true);
		end->tls++;
	}
	if (end->tls == 1 && hear(end, TQUIC_PKT_INITIAL, msg)) {
		tquic_conn_keys(end->conn, TQUIC_PKT_HANDSHAKE);
		end->rx_keys |= BIT(TQUIC_PKT_HANDSHAKE);
		end->tls++;
	}
	if (end->tls != 2)
		return;
	len = hear(end, TQUIC_PKT_HANDSHAKE, msg);
	if (!len)
		return;
	CHECK(!tquic_conn_peer_tparams(end->conn, msg + 3, len - 3, now,
				       GFP_KERNEL));
	say(end, TQUIC_PKT_HANDSHAKE, 'F', false);
	tquic_conn_keys(end->conn, TQUIC_PKT_1RTT);
	end->rx_keys |= BIT(TQUIC_PKT_1RTT);
	tquic_conn_tls_done(end->conn, now);
	end->tls++;
}

static void server(struct end *end)
{
	u64 now = end_clock(end);
	u8 msg[MESSAGE_MAX];
	u32 len;

	if (end->tls == 0) {
		len = hear(end, TQUIC_PKT_INITIAL, msg);
		if (!len)
			return;
		CHECK(!tquic_conn_peer_tparams(end->conn, msg + 3, len - 3,
					       now, GFP_KERNEL));
		say(end, TQUIC_PKT_INITIAL, 'S', false);
		tquic_conn_keys(end->conn, TQUIC_PKT_HANDSHAKE);
		end->rx_keys |= BIT(TQUIC_PKT_HANDSHAKE);
		say(end, TQUIC_PKT_HANDSHAKE, 'E', true);
		tquic_conn_keys(end->conn, TQUIC_PKT_1RTT);
		end->tls++;
	}
	if (end->tls == 1 && hear(end, TQUIC_PKT_HANDSHAKE, msg)) {
		end->rx_keys |= BIT(TQUIC_PKT_1RTT);
		tquic_conn_tls_done(end->conn, now);
		end->tls++;
	}
}

void tls_work(struct end *end)
{
	if (end->who == UP && end->tls < 3)
		client(end);
	else if (end->who == DOWN && end->tls < 2)
		server(end);
}
