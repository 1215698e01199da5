// SPDX-License-Identifier: GPL-2.0
#include "core/frame.h"
#include "core/stream.h"
#include "shim.h"
#include "tap.h"

/* Handles are plain numbers here: only their count matters. */
static int refs;

static void ref_get(void *handle)
{
	(void)handle;
	refs++;
}

static void ref_put(void *handle)
{
	(void)handle;
	refs--;
}

static const struct tquic_buf_ops ops = { .get = ref_get, .put = ref_put };

static struct tquic_stream *make(u64 tx_limit, u64 window)
{
	struct tquic_stream_config config = {
		.id = 4,
		.ops = &ops,
		.sends = true,
		.receives = true,
		.tx_limit = tx_limit,
		.window = window,
		.window_max = window,
	};
	struct tquic_stream *s = tquic_stream_new(&config, 0, GFP_KERNEL);

	TQ_ASSERT(s);
	return s;
}

static void done(struct tquic_stream *s)
{
	tquic_stream_free(s);
	TQ_EXPECT_EQ(refs, 0);
}

/* Sends what is wanted, up to @max bytes of data; false if nothing was. */
static bool send_piece(struct tquic_stream *s, u32 max,
		       struct tquic_stream_piece *piece, u64 *fresh)
{
	if (!tquic_stream_wants(s, 1 << 30, 0, max, piece))
		return false;
	TQ_EXPECT_EQ(tquic_stream_take(s, piece, fresh, GFP_KERNEL), 0);
	return true;
}

TQ_TEST(rfc9000_3_1_send_all_and_finish)
{
	struct tquic_stream *s = make(1000, 0);
	struct tquic_stream_piece p;
	u64 fresh;

	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_READY);
	TQ_EXPECT(!tquic_stream_wants(s, 1000, 0, 100, &p));
	TQ_EXPECT_EQ(tquic_stream_write(s, &refs, 0, 150, GFP_KERNEL), 0);
	TQ_EXPECT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT(!p.fin && p.data.len == 100 && fresh == 100);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_SEND);
	TQ_EXPECT_EQ(tquic_stream_finish(s), 0);
	TQ_EXPECT_EQ(tquic_stream_finish(s), -EPIPE);
	TQ_EXPECT_EQ(tquic_stream_write(s, &refs, 0, 1, GFP_KERNEL), -EPIPE);
	/* a piece that does not reach the end carries no FIN */
	TQ_EXPECT(tquic_stream_wants(s, 1000, 0, 49, &p));
	TQ_EXPECT(!p.fin);
	TQ_EXPECT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT(p.fin && p.data.off == 100 && p.data.len == 50);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_DATA_SENT);
	TQ_EXPECT(!tquic_stream_wants(s, 1000, 0, 100, &p));
	TQ_EXPECT_EQ(tquic_stream_acked(s, 100, 50, true, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_DATA_SENT);
	TQ_EXPECT_EQ(tquic_stream_acked(s, 0, 100, false, GFP_KERNEL), 150);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_DATA_RECVD);
	TQ_EXPECT_EQ(tquic_stream_write(s, &refs, 0, 1, GFP_KERNEL), -EPIPE);
	TQ_EXPECT_EQ(tquic_stream_finish(s), -EPIPE);
	tquic_stream_reset(s, 1);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_DATA_RECVD);
	TQ_EXPECT(!s->pending);
	done(s);
}

TQ_TEST(rfc9000_19_8_fin_alone)
{
	struct tquic_stream *s = make(1000, 0);
	struct tquic_stream_piece p;
	u64 fresh;

	tquic_stream_write(s, &refs, 0, 10, GFP_KERNEL);
	send_piece(s, 100, &p, &fresh);
	tquic_stream_finish(s);
	/* room for no data is room enough */
	TQ_EXPECT(tquic_stream_wants(s, 0, 0, 0, &p));
	TQ_EXPECT(p.fin && !p.data.len && p.data.off == 10);
	TQ_EXPECT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT_EQ(fresh, 0);
	TQ_EXPECT(!tquic_stream_wants(s, 100, 0, 100, &p));
	TQ_EXPECT_EQ(tquic_stream_acked(s, 0, 10, false, GFP_KERNEL), 10);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_DATA_SENT);
	TQ_EXPECT_EQ(tquic_stream_acked(s, 10, 0, true, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_DATA_RECVD);
	done(s);

	/* FIN waits for data that credit holds back */
	s = make(5, 0);
	tquic_stream_write(s, &refs, 0, 10, GFP_KERNEL);
	tquic_stream_finish(s);
	TQ_EXPECT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT(!p.fin && p.data.len == 5);
	TQ_EXPECT(!tquic_stream_wants(s, 100, 0, 100, &p));
	done(s);
}

/* Nothing to say, but to be known: until data says it, or it has arrived. */
TQ_TEST(rfc9000_2_2_greeting)
{
	struct tquic_stream *s = make(1000, 0);
	struct tquic_stream_piece p;
	u64 fresh;

	TQ_EXPECT(!send_piece(s, 100, &p, &fresh));
	tquic_stream_greet(s);
	TQ_ASSERT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT(!p.fin && !p.data.off && !p.data.len && !fresh);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_SEND);
	TQ_EXPECT(!send_piece(s, 100, &p, &fresh));
	tquic_stream_lost(s, 0, 0, false, GFP_KERNEL);
	TQ_ASSERT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT(!p.fin && !p.data.len);
	/* rejected as early data: it is to be said again */
	tquic_stream_restart(s, 1000);
	TQ_ASSERT(send_piece(s, 100, &p, &fresh));
	tquic_stream_write(s, &refs, 0, 10, GFP_KERNEL);
	TQ_ASSERT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT_EQ(p.data.len, 10);
	tquic_stream_lost(s, 0, 0, false, GFP_KERNEL);
	TQ_EXPECT(!send_piece(s, 100, &p, &fresh));
	done(s);
}

TQ_TEST(rfc9000_13_3_lost_fin_is_repeated)
{
	struct tquic_stream *s = make(1000, 0);
	struct tquic_stream_piece p;
	u64 fresh;

	tquic_stream_write(s, &refs, 0, 10, GFP_KERNEL);
	tquic_stream_finish(s);
	send_piece(s, 100, &p, &fresh);
	tquic_stream_lost(s, 0, 10, true, GFP_KERNEL);
	TQ_EXPECT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT(p.fin && !p.data.ahead && p.data.len == 10);
	TQ_EXPECT_EQ(fresh, 0);
	/* data of it arrives late: FIN alone is owed */
	tquic_stream_lost(s, 0, 10, true, GFP_KERNEL);
	tquic_stream_acked(s, 0, 10, false, GFP_KERNEL);
	TQ_EXPECT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT(p.fin && !p.data.len);
	/* one copy acknowledged, another lost: nothing is owed */
	tquic_stream_acked(s, 10, 0, true, GFP_KERNEL);
	tquic_stream_lost(s, 0, 10, true, GFP_KERNEL);
	TQ_EXPECT(!tquic_stream_wants(s, 100, 0, 100, &p));
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_DATA_RECVD);
	done(s);

	s = make(1000, 0);
	tquic_stream_write(s, &refs, 0, 10, GFP_KERNEL);
	tquic_stream_finish(s);
	send_piece(s, 5, &p, &fresh);
	send_piece(s, 5, &p, &fresh);
	TQ_EXPECT(p.fin);
	tquic_stream_acked(s, 5, 5, true, GFP_KERNEL);
	tquic_stream_lost(s, 5, 5, true, GFP_KERNEL);
	tquic_stream_lost(s, 0, 5, false, GFP_KERNEL);
	TQ_EXPECT(send_piece(s, 100, &p, &fresh));
	TQ_EXPECT_EQ(p.data.len, 5);
	TQ_EXPECT(!tquic_stream_wants(s, 100, 0, 100, &p));
	done(s);
}

TQ_TEST(rfc9000_4_1_credit_of_both_levels)
{
	struct tquic_stream *s = make(100, 0);
	struct tquic_stream_piece p;
	u64 fresh;

	tquic_stream_write(s, &refs, 0, 300, GFP_KERNEL);
	TQ_EXPECT(tquic_stream_wants(s, 30, 0, 300, &p));
	TQ_EXPECT_EQ(p.data.len, 30);
	TQ_EXPECT(!tquic_stream_wants(s, 0, 0, 300, &p));
	TQ_EXPECT(tquic_stream_wants(s, 300, 0, 300, &p));
	TQ_EXPECT_EQ(p.data.len, 100);
	tquic_stream_take(s, &p, &fresh, GFP_KERNEL);
	TQ_EXPECT_EQ(fresh, 100);
	TQ_EXPECT(!tquic_stream_wants(s, 300, 0, 300, &p));
	/* what is lost needs no credit a second time */
	tquic_stream_lost(s, 90, 10, false, GFP_KERNEL);
	TQ_EXPECT(tquic_stream_wants(s, 0, 0, 300, &p));
	TQ_EXPECT_EQ(p.data.off, 90);
	tquic_flow_tx_raise(&s->tx, 150);
	tquic_stream_take(s, &p, &fresh, GFP_KERNEL);
	TQ_EXPECT_EQ(fresh, 0);
	TQ_EXPECT(tquic_stream_wants(s, 20, 0, 300, &p));
	TQ_EXPECT_EQ(p.data.off, 100);
	TQ_EXPECT_EQ(p.data.len, 20);
	done(s);
}

TQ_TEST(stream_largest_offset)
{
	struct tquic_stream *s = make(1000, 0);

	s->q.end = TQUIC_VARINT_MAX - 5;
	s->q.start = s->q.end;
	s->q.next = s->q.end;
	TQ_EXPECT_EQ(tquic_stream_write(s, &refs, 0, 6, GFP_KERNEL), -EFBIG);
	TQ_EXPECT_EQ(tquic_stream_write(s, &refs, 0, 5, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(tquic_stream_write(s, &refs, 0, 1, GFP_KERNEL), -EFBIG);
	done(s);
}

TQ_TEST(rfc9000_3_1_reset)
{
	struct tquic_stream *s = make(1000, 0);
	struct tquic_stream_piece p;
	u64 fresh;

	tquic_stream_write(s, &refs, 0, 100, GFP_KERNEL);
	send_piece(s, 40, &p, &fresh);
	s->pending |= TQUIC_STREAM_P_BLOCKED;
	tquic_stream_reset(s, 7);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_RESET_SENT);
	TQ_EXPECT_EQ(s->pending, TQUIC_STREAM_P_RESET);
	TQ_EXPECT_EQ(s->reset_code, 7);
	TQ_EXPECT_EQ(s->tx.used, 40);
	TQ_EXPECT_EQ(refs, 0);
	TQ_EXPECT(!tquic_stream_wants(s, 100, 0, 100, &p));
	TQ_EXPECT_EQ(tquic_stream_write(s, &refs, 0, 1, GFP_KERNEL), -EPIPE);
	tquic_stream_reset(s, 8);
	TQ_EXPECT_EQ(s->reset_code, 7);
	/* records of data that are still around do no harm */
	tquic_stream_lost(s, 0, 40, false, GFP_KERNEL);
	TQ_EXPECT_EQ(tquic_stream_acked(s, 0, 40, false, GFP_KERNEL), 0);
	TQ_EXPECT(!tquic_stream_wants(s, 100, 0, 100, &p));
	s->pending = 0;
	tquic_stream_reset_lost(s);
	TQ_EXPECT_EQ(s->pending, TQUIC_STREAM_P_RESET);
	tquic_stream_reset_acked(s);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_RESET_RECVD);
	TQ_EXPECT_EQ(s->pending, 0);
	tquic_stream_reset_lost(s);
	TQ_EXPECT_EQ(s->pending, 0);
	done(s);
}

TQ_TEST(rfc9000_3_1_reset_from_every_state)
{
	struct tquic_stream *s = make(1000, 0);
	struct tquic_stream_piece p;
	u64 fresh;

	tquic_stream_reset(s, 1);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_RESET_SENT);
	done(s);
	s = make(1000, 0);
	tquic_stream_write(s, &refs, 0, 10, GFP_KERNEL);
	tquic_stream_finish(s);
	send_piece(s, 100, &p, &fresh);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_DATA_SENT);
	/* RFC 9000 section 3.5: STOP_SENDING is answered by a reset */
	tquic_stream_recv_stop(s, 9);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_RESET_SENT);
	TQ_EXPECT_EQ(s->reset_code, 9);
	tquic_stream_acked(s, 0, 10, true, GFP_KERNEL);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_RESET_SENT);
	done(s);
}

static int recv(struct tquic_stream *s, u64 off, u32 len, bool fin, u64 *fresh,
		struct tquic_close *close)
{
	return tquic_stream_recv(s, off, &refs, 0, len, fin, fresh, close,
				 GFP_KERNEL);
}

TQ_TEST(rfc9000_3_2_receive_all)
{
	struct tquic_stream *s = make(0, 1000);
	struct tquic_close close;
	u64 fresh;

	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_RECV);
	TQ_EXPECT_EQ(recv(s, 50, 50, true, &fresh, &close), 0);
	TQ_EXPECT_EQ(fresh, 100);
	TQ_EXPECT_EQ(s->final_size, 100);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_SIZE_KNOWN);
	TQ_EXPECT_EQ(recv(s, 0, 50, false, &fresh, &close), 0);
	TQ_EXPECT_EQ(fresh, 0);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_RECVD);
	tquic_stream_read(s, 60, 0, 1);
	TQ_EXPECT(!tquic_stream_at_end(s));
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_RECVD);
	tquic_stream_read(s, 40, 0, 1);
	TQ_EXPECT(tquic_stream_at_end(s));
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_READ);
	/* no credit is offered to one that sends no more */
	TQ_EXPECT_EQ(s->pending, 0);
	/* copies of it are ignored */
	TQ_EXPECT_EQ(recv(s, 0, 50, false, &fresh, &close), 0);
	TQ_EXPECT_EQ(s->in.count, 0);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_READ);
	done(s);
}

TQ_TEST(stream_empty_with_fin)
{
	struct tquic_stream *s = make(0, 1000);
	struct tquic_close close;
	u64 fresh;

	TQ_EXPECT_EQ(recv(s, 0, 0, true, &fresh, &close), 0);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_READ);
	TQ_EXPECT(tquic_stream_at_end(s));
	done(s);
}

/* RFC 9000 section 4.5 */
TQ_TEST(rfc9000_4_5_final_size_never_changes)
{
	static const struct {
		u64 off;
		u32 len;
		bool fin;
		int err;
	} cases[] = {
		{ 0, 100, true, 0 },
		{ 0, 100, false, 0 },
		{ 50, 50, true, 0 },
		{ 100, 0, false, 0 },
		{ 100, 0, true, 0 },
		{ 0, 99, false, 0 },
		{ 0, 99, true, -EPROTO },
		{ 100, 1, false, -EPROTO },
		{ 100, 1, true, -EPROTO },
		{ 0, 0, true, -EPROTO },
	};
	struct tquic_close close;
	u64 fresh, unread;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tquic_stream *s = make(0, 1000);

		tq_note("case %u", i);
		TQ_EXPECT_EQ(recv(s, 90, 10, true, &fresh, &close), 0);
		TQ_EXPECT_EQ(recv(s, cases[i].off, cases[i].len, cases[i].fin,
				  &fresh, &close), cases[i].err);
		if (cases[i].err) {
			TQ_EXPECT_EQ(close.code, TQUIC_FINAL_SIZE_ERROR);
			TQ_EXPECT_EQ(close.frame_type, TQUIC_FRAME_STREAM);
		}
		TQ_EXPECT_EQ(tquic_stream_recv_reset(s, 0, 101, &fresh, &unread,
						     &close), -EPROTO);
		TQ_EXPECT_EQ(close.code, TQUIC_FINAL_SIZE_ERROR);
		TQ_EXPECT_EQ(close.frame_type, TQUIC_FRAME_RESET_STREAM);
		done(s);
	}
}

TQ_TEST(rfc9000_4_5_final_size_below_received)
{
	struct tquic_stream *s = make(0, 1000);
	struct tquic_close close;
	u64 fresh, unread;

	recv(s, 50, 50, false, &fresh, &close);
	TQ_EXPECT_EQ(recv(s, 0, 99, true, &fresh, &close), -EPROTO);
	TQ_EXPECT_EQ(close.code, TQUIC_FINAL_SIZE_ERROR);
	TQ_EXPECT_EQ(tquic_stream_recv_reset(s, 0, 99, &fresh, &unread,
					     &close), -EPROTO);
	TQ_EXPECT_EQ(close.code, TQUIC_FINAL_SIZE_ERROR);
	TQ_EXPECT_EQ(recv(s, 0, 100, true, &fresh, &close), 0);
	done(s);
}

TQ_TEST(rfc9000_4_1_stream_limit)
{
	struct tquic_stream *s = make(0, 100);
	struct tquic_close close;
	u64 fresh, unread;

	TQ_EXPECT_EQ(recv(s, 50, 51, false, &fresh, &close), -EPROTO);
	TQ_EXPECT_EQ(close.code, TQUIC_FLOW_CONTROL_ERROR);
	TQ_EXPECT_EQ(close.frame_type, TQUIC_FRAME_STREAM);
	TQ_EXPECT_EQ(s->in.count, 0);
	TQ_EXPECT_EQ(tquic_stream_recv_reset(s, 0, 101, &fresh, &unread,
					     &close), -EPROTO);
	TQ_EXPECT_EQ(close.code, TQUIC_FLOW_CONTROL_ERROR);
	TQ_EXPECT_EQ(close.frame_type, TQUIC_FRAME_RESET_STREAM);
	TQ_EXPECT_EQ(recv(s, 50, 50, false, &fresh, &close), 0);
	TQ_EXPECT_EQ(fresh, 100);
	recv(s, 0, 50, false, &fresh, &close);
	tquic_stream_read(s, 12, 0, 1);
	TQ_EXPECT_EQ(s->pending, 0);
	tquic_stream_read(s, 1, 0, 1);
	TQ_EXPECT_EQ(s->pending, TQUIC_STREAM_P_MAX_DATA);
	done(s);
}

TQ_TEST(rfc9000_3_2_reset_by_the_peer)
{
	struct tquic_stream *s = make(0, 1000);
	struct tquic_close close;
	u64 fresh, unread;

	recv(s, 0, 100, false, &fresh, &close);
	tquic_stream_read(s, 30, 0, 1);
	s->pending = TQUIC_STREAM_P_STOP | TQUIC_STREAM_P_MAX_DATA;
	TQ_EXPECT_EQ(tquic_stream_recv_reset(s, 5, 400, &fresh, &unread,
					     &close), 0);
	TQ_EXPECT_EQ(fresh, 300);
	TQ_EXPECT_EQ(unread, 370);
	TQ_EXPECT_EQ(s->rx.consumed, 400);
	TQ_EXPECT_EQ(s->peer_code, 5);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_RESET_RECVD);
	TQ_EXPECT_EQ(s->pending, 0);
	TQ_EXPECT_EQ(refs, 0);
	/* again: no news */
	TQ_EXPECT_EQ(tquic_stream_recv_reset(s, 6, 400, &fresh, &unread,
					     &close), 0);
	TQ_EXPECT_EQ(fresh + unread, 0);
	TQ_EXPECT_EQ(s->peer_code, 5);
	TQ_EXPECT_EQ(recv(s, 0, 100, false, &fresh, &close), 0);
	TQ_EXPECT_EQ(s->in.count, 0);
	tquic_stream_read_reset(s);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_RESET_READ);
	done(s);
}

/* all data had arrived: the reader may have it */
TQ_TEST(rfc9000_3_2_reset_after_all_data)
{
	struct tquic_stream *s = make(0, 1000);
	struct tquic_close close;
	u64 fresh, unread;

	recv(s, 0, 100, true, &fresh, &close);
	TQ_EXPECT_EQ(tquic_stream_recv_reset(s, 5, 100, &fresh, &unread,
					     &close), 0);
	TQ_EXPECT_EQ(unread, 0);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_RECVD);
	TQ_EXPECT_EQ(tquic_reasm_readable(&s->in), 100);
	tquic_stream_read_reset(s);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_RECVD);
	done(s);
}

TQ_TEST(rfc9000_3_5_stop_sending)
{
	struct tquic_stream *s = make(0, 1000);
	struct tquic_close close;
	u64 fresh, unread;

	recv(s, 0, 100, false, &fresh, &close);
	tquic_stream_read(s, 30, 0, 1);
	s->pending = TQUIC_STREAM_P_MAX_DATA;
	TQ_EXPECT_EQ(tquic_stream_stop(s, 3), 70);
	TQ_EXPECT_EQ(s->pending, TQUIC_STREAM_P_STOP);
	TQ_EXPECT_EQ(s->stop_code, 3);
	TQ_EXPECT(s->stopped);
	TQ_EXPECT_EQ(refs, 0);
	TQ_EXPECT_EQ(tquic_stream_stop(s, 4), 0);
	TQ_EXPECT_EQ(s->stop_code, 3);
	/* more of it is thrown away and consumed at once */
	TQ_EXPECT_EQ(recv(s, 200, 100, false, &fresh, &close), 0);
	TQ_EXPECT_EQ(fresh, 200);
	TQ_EXPECT_EQ(refs, 0);
	TQ_EXPECT_EQ(s->rx.consumed, 300);
	s->pending = 0;
	tquic_stream_stop_lost(s);
	TQ_EXPECT_EQ(s->pending, TQUIC_STREAM_P_STOP);
	TQ_EXPECT_EQ(tquic_stream_recv_reset(s, 3, 300, &fresh, &unread,
					     &close), 0);
	TQ_EXPECT_EQ(unread, 0);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_RESET_RECVD);
	TQ_EXPECT_EQ(s->pending, 0);
	tquic_stream_stop_lost(s);
	TQ_EXPECT_EQ(s->pending, 0);
	tquic_stream_stop(s, 4);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_RESET_READ);
	done(s);
}

/* a peer that finishes instead of resetting ends the stream as well */
TQ_TEST(rfc9000_3_5_stop_sending_answered_by_fin)
{
	struct tquic_stream *s = make(0, 1000);
	struct tquic_close close;
	u64 fresh;

	tquic_stream_stop(s, 3);
	TQ_EXPECT_EQ(recv(s, 500, 10, true, &fresh, &close), 0);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_READ);
	TQ_EXPECT_EQ(s->pending, 0);
	done(s);

	/* the size was known: nothing is to be stopped, nor waited for */
	s = make(0, 1000);
	recv(s, 500, 10, true, &fresh, &close);
	TQ_EXPECT_EQ(tquic_stream_stop(s, 3), 510);
	TQ_EXPECT_EQ(s->pending, 0);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_READ);
	done(s);

	s = make(0, 1000);
	recv(s, 0, 10, true, &fresh, &close);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_RECVD);
	TQ_EXPECT_EQ(tquic_stream_stop(s, 3), 10);
	TQ_EXPECT_EQ(s->pending, 0);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_DATA_READ);
	TQ_EXPECT_EQ(tquic_stream_stop(s, 3), 0);
	done(s);
}

TQ_TEST(rfc9000_3_4_closed)
{
	static const u8 send_open[] = {
		[TQUIC_STREAM_S_READY] = 1, [TQUIC_STREAM_S_SEND] = 1,
		[TQUIC_STREAM_S_DATA_SENT] = 1,
		[TQUIC_STREAM_S_RESET_SENT] = 1,
		[TQUIC_STREAM_S_RESET_RECVD] = 0,
	};
	static const u8 recv_open[] = {
		[TQUIC_STREAM_R_RECV] = 1, [TQUIC_STREAM_R_SIZE_KNOWN] = 1,
		[TQUIC_STREAM_R_DATA_RECVD] = 1,
		[TQUIC_STREAM_R_RESET_RECVD] = 1,
		[TQUIC_STREAM_R_RESET_READ] = 0,
	};
	struct tquic_stream *s = make(0, 0);
	unsigned int i, j;

	for (i = 0; i < sizeof(send_open); i++) {
		for (j = 0; j < sizeof(recv_open); j++) {
			tq_note("send %u, recv %u", i, j);
			s->send = i;
			s->recv = j;
			TQ_EXPECT_EQ(tquic_stream_closed(s),
				     !send_open[i] && !recv_open[j]);
		}
	}
	done(s);
}

TQ_OOM_TEST(stream_oom)
{
	struct tquic_stream_config config = {
		.ops = &ops, .sends = true, .receives = true,
		.tx_limit = 100, .window = 100,
	};
	struct tquic_stream_piece p;
	struct tquic_stream *s;
	struct tquic_close close;
	u64 fresh;
	int err;

	s = tquic_stream_new(&config, 0, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	err = tquic_stream_write(s, &refs, 0, 100, GFP_KERNEL);
	if (!err)
		err = recv(s, 10, 10, false, &fresh, &close);
	if (!err && tquic_stream_wants(s, 100, 0, 100, &p))
		err = tquic_stream_take(s, &p, &fresh, GFP_KERNEL);
	if (!err) {
		tquic_stream_lost(s, 0, 100, false, GFP_KERNEL);
		/* splitting the lost range may fail: nothing is taken then */
		TQ_EXPECT(tquic_stream_wants(s, 100, 0, 10, &p));
		p.data.off = 50;
		err = tquic_stream_take(s, &p, &fresh, GFP_KERNEL);
		if (err)
			TQ_EXPECT_EQ(fresh, 0);
	}
	done(s);
	return tq_shim_has_failed() ? -ENOMEM : err;
}
