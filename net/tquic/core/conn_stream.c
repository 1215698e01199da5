// SPDX-License-Identifier: GPL-2.0
/*
 * What an application does with a connection's streams.
 */
#include "conn_priv.h"

/**
 * tquic_conn_open - open a stream
 * @conn: connection
 * @uni: unidirectional
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: the stream; NULL when the peer allows no more now, or without memory.
 */
struct tquic_stream *tquic_conn_open(struct tquic_conn *conn, bool uni,
				     tquic_time_t now, gfp_t gfp)
{
	struct tquic_stream *s;

	s = tquic_streams_open(&conn->streams, uni, now, gfp);
	if (!s && tquic_flow_tx_tell(&conn->streams.open[uni]))
		conn->control |= uni ? TQUIC_CONN_C_BLOCKED_UNI :
				       TQUIC_CONN_C_BLOCKED_BIDI;
	return s;
}

/* The peer is to hear of a stream of ours before there is anything to say. */
void tquic_conn_greet(struct tquic_conn *conn, struct tquic_stream *s)
{
	tquic_stream_greet(s);
	tquic_streams_wake(&conn->streams, s);
}

/**
 * tquic_conn_allow - let the peer have more streams open at a time
 * @conn: connection
 * @uni: unidirectional ones
 * @count: how many; what it was allowed before stays allowed
 */
void tquic_conn_allow(struct tquic_conn *conn, bool uni, u64 count)
{
	struct tquic_flow_rx *grant = &conn->streams.grant[uni];

	grant->window_max = max(grant->window_max, count);
	grant->share = max(grant->share, count);
	tquic_flow_rx_widen(grant, count);
	if (tquic_flow_rx_due(grant))
		conn->control |= uni ? TQUIC_CONN_C_MAX_STREAMS_UNI :
				       TQUIC_CONN_C_MAX_STREAMS_BIDI;
}

/**
 * tquic_conn_write - send data on a stream
 * @conn: connection
 * @s: stream
 * @handle: buffer; a reference is taken
 * @pos: where the data begin in it
 * @len: bytes, 0 with @fin to finish without more
 * @fin: nothing follows
 * @gfp: allocation flags
 *
 * Return: 0; -EPIPE; -EFBIG; -ENOMEM.
 */
int tquic_conn_write(struct tquic_conn *conn, struct tquic_stream *s,
		     void *handle, u32 pos, u32 len, bool fin, gfp_t gfp)
{
	int err = 0;

	if (len)
		err = tquic_stream_write(s, handle, pos, len, gfp);
	if (!err)
		conn->written += len;
	if (!err && fin)
		err = tquic_stream_finish(s);
	tquic_streams_wake(&conn->streams, s);
	return err;
}

/**
 * tquic_conn_read - data of a stream were read
 * @conn: connection
 * @s: stream
 * @len: bytes, at most tquic_reasm_readable(); 0 to learn of its end
 * @now: present time
 *
 * A reset, or tquic_conn_stop(), takes away what the reader may just have
 * looked at: those bytes were accounted for there, and do not count here.
 */
void tquic_conn_read(struct tquic_conn *conn, struct tquic_stream *s, u64 len,
		     tquic_time_t now)
{
	len = min(len, tquic_reasm_readable(&s->in));
	tquic_stream_read(s, len, now, tquic_conn_delay(conn));
	tquic_credit_read(conn, s, len, now);
	tquic_streams_wake(&conn->streams, s);
}

/* The application does not want the rest of what the peer sends. */
void tquic_conn_stop(struct tquic_conn *conn, struct tquic_stream *s, u64 code,
		     tquic_time_t now)
{
	tquic_credit_took(conn, tquic_stream_stop(s, code), now);
	tquic_streams_wake(&conn->streams, s);
}

/* The application gives up what it was sending. */
void tquic_conn_reset(struct tquic_conn *conn, struct tquic_stream *s,
		      u64 code)
{
	tquic_stream_reset(s, code);
	tquic_streams_idle(&conn->streams, s);
	tquic_streams_wake(&conn->streams, s);
}

/**
 * tquic_conn_release - the application lets go of a stream
 * @conn: connection
 * @s: stream; must not be used any more
 * @now: present time
 * @gfp: allocation flags
 *
 * It is freed once both parts have ended and no packet refers to it.
 */
void tquic_conn_release(struct tquic_conn *conn, struct tquic_stream *s,
			tquic_time_t now, gfp_t gfp)
{
	bool uni = s->id & TQUIC_STREAM_UNI;

	s->released = true;
	list_del_init(&s->event);
	tquic_streams_settle(&conn->streams, s, now, gfp);
	if (tquic_flow_rx_due(&conn->streams.grant[uni]))
		conn->control |= uni ? TQUIC_CONN_C_MAX_STREAMS_UNI :
				       TQUIC_CONN_C_MAX_STREAMS_BIDI;
}

/*
 * Released streams whose last packet is gone.  They come here by the list of
 * news, which the application has no more interest in.
 */
void tquic_conn_review_streams(struct tquic_conn *conn)
{
	struct tquic_stream *s, *next;

	list_for_each_entry_safe(s, next, &conn->streams.event, event)
		if (s->released)
			tquic_conn_release(conn, s, 0, GFP_ATOMIC);
}
