/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One stream: RFC 9000 sections 2 and 3.
 *
 *   sending part                        receiving part
 *
 *   READY -> SEND -> DATA_SENT          RECV -> SIZE_KNOWN -> DATA_RECVD
 *     |       |          |                |         |             |
 *     +-------+----------+                +---------+             v
 *             v          v                     v             DATA_READ
 *        RESET_SENT  DATA_RECVD           RESET_RECVD
 *             v                                v
 *        RESET_RECVD                      RESET_READ
 */
#ifndef _TQUIC_CORE_STREAM_H
#define _TQUIC_CORE_STREAM_H

#include "error.h"
#include "flow.h"
#include "reasm.h"
#include "sendq.h"

/* RFC 9000 section 2.1 */
#define TQUIC_STREAM_SERVER	0x1
#define TQUIC_STREAM_UNI	0x2
#define TQUIC_STREAM_TYPES	4

static inline unsigned int tquic_stream_type(u64 id)
{
	return id & 3;
}

/* RFC 9000 section 3.1 */
enum tquic_stream_send {
	TQUIC_STREAM_S_NONE,
	TQUIC_STREAM_S_READY,
	TQUIC_STREAM_S_SEND,
	TQUIC_STREAM_S_DATA_SENT,
	TQUIC_STREAM_S_DATA_RECVD,
	TQUIC_STREAM_S_RESET_SENT,
	TQUIC_STREAM_S_RESET_RECVD,
};

/* RFC 9000 section 3.2 */
enum tquic_stream_recv {
	TQUIC_STREAM_R_NONE,
	TQUIC_STREAM_R_RECV,
	TQUIC_STREAM_R_SIZE_KNOWN,
	TQUIC_STREAM_R_DATA_RECVD,
	TQUIC_STREAM_R_DATA_READ,
	TQUIC_STREAM_R_RESET_RECVD,
	TQUIC_STREAM_R_RESET_READ,
};

/* how urgent a stream is */
enum tquic_stream_class {
	TQUIC_STREAM_REALTIME,
	TQUIC_STREAM_INTERACTIVE,
	TQUIC_STREAM_BULK,
	TQUIC_STREAM_BACKGROUND,
	TQUIC_STREAM_CLASSES,
};

/* struct tquic_stream pending: control frames to be written */
#define TQUIC_STREAM_P_RESET	BIT(0)
#define TQUIC_STREAM_P_STOP	BIT(1)
#define TQUIC_STREAM_P_MAX_DATA	BIT(2)
#define TQUIC_STREAM_P_BLOCKED	BIT(3)

/**
 * struct tquic_stream - one stream
 * @id: stream ID
 * @node: place in the set of streams, by @id
 * @ready: link in its class's list of streams with something to send
 * @control: link in the list of streams with something in @pending
 * @event: link in the list of streams with news for the application
 * @refs: sent packets with a record of the stream
 * @released: the application let go of it
 * @owner: the application's
 * @send: state of the sending part
 * @hello: the peer is to hear of the stream though there is nothing to say
 * @fin: the application said that no more data follows
 * @fin_sent: FIN is in a packet that is outstanding
 * @fin_acked: FIN has arrived
 * @class: enum tquic_stream_class
 * @deficit: bytes that it may still send in its turn
 * @due: what its class counts of it as due, see struct tquic_streams_turn
 * @fresh: likewise as fresh
 * @open: likewise as room
 * @q: data on its way
 * @tx: credit of the peer; @tx.used is the highest offset sent
 * @reset_code: code of RESET_STREAM that was or is to be sent
 * @recv: state of the receiving part
 * @in: received data
 * @rx: credit granted
 * @final_size: of the receiving part, U64_MAX until known
 * @peer_code: code of the peer's RESET_STREAM
 * @stop_code: code of STOP_SENDING that was or is to be sent
 * @stopped: the application does not want the rest
 * @busy_no: last interval in which something was received, see struct
 *	tquic_streams
 * @pending: TQUIC_STREAM_P_*
 * @news: TQUIC_STREAM_N_*
 */
struct tquic_stream {
	u64 id;
	struct rb_node node;
	struct list_head ready;
	struct list_head control;
	struct list_head event;
	u32 refs;
	bool released;
	void *owner;

	enum tquic_stream_send send;
	bool hello;
	bool fin;
	bool fin_sent;
	bool fin_acked;
	u8 class;
	s64 deficit;
	u64 due;
	u64 fresh;
	u64 open;
	struct tquic_sendq q;
	struct tquic_flow_tx tx;
	u64 reset_code;

	enum tquic_stream_recv recv;
	struct tquic_reasm in;
	struct tquic_flow_rx rx;
	u64 final_size;
	u64 peer_code;
	u64 stop_code;
	bool stopped;
	u32 busy_no;

	u8 pending;
	u8 news;
};

/**
 * struct tquic_stream_config - what a stream starts from
 * @id: stream ID
 * @ops: references to payload
 * @sends: there is a sending part
 * @receives: there is a receiving part
 * @tx_limit: credit of the peer
 * @window: credit granted
 * @window_max: bound of its auto-tuning
 */
struct tquic_stream_config {
	u64 id;
	const struct tquic_buf_ops *ops;
	bool sends;
	bool receives;
	u64 tx_limit;
	u64 window;
	u64 window_max;
};

/**
 * struct tquic_stream_piece - what a STREAM frame should carry
 * @data: bytes; a length of 0 with @fin is a frame of its own
 * @fin: the frame ends the stream
 */
struct tquic_stream_piece {
	struct tquic_sendq_piece data;
	bool fin;
};

struct tquic_stream *tquic_stream_new(const struct tquic_stream_config *config,
				      tquic_time_t now, gfp_t gfp);
void tquic_stream_free(struct tquic_stream *s);
bool tquic_stream_closed(const struct tquic_stream *s);

int tquic_stream_write(struct tquic_stream *s, void *handle, u32 pos, u32 len,
		       gfp_t gfp);
int tquic_stream_finish(struct tquic_stream *s);
void tquic_stream_greet(struct tquic_stream *s);
void tquic_stream_restart(struct tquic_stream *s, u64 limit);
void tquic_stream_reset(struct tquic_stream *s, u64 code);
void tquic_stream_waiting(const struct tquic_stream *s, u64 *due, u64 *fresh,
			  u64 *open);
bool tquic_stream_wants(const struct tquic_stream *s, u64 conn_room, u64 skip,
			u32 max, struct tquic_stream_piece *piece);
int tquic_stream_take(struct tquic_stream *s,
		      const struct tquic_stream_piece *piece, u64 *fresh,
		      gfp_t gfp);
u64 tquic_stream_acked(struct tquic_stream *s, u64 off, u64 len, bool fin,
		       gfp_t gfp);
void tquic_stream_lost(struct tquic_stream *s, u64 off, u64 len, bool fin,
		       gfp_t gfp);
void tquic_stream_reset_acked(struct tquic_stream *s);
void tquic_stream_reset_lost(struct tquic_stream *s);
void tquic_stream_stop_lost(struct tquic_stream *s);
void tquic_stream_recv_stop(struct tquic_stream *s, u64 code);

int tquic_stream_recv(struct tquic_stream *s, u64 off, void *handle, u32 pos,
		      u32 len, bool fin, u64 *fresh, struct tquic_close *close,
		      gfp_t gfp);
int tquic_stream_recv_reset(struct tquic_stream *s, u64 code, u64 final_size,
			    u64 *fresh, u64 *unread,
			    struct tquic_close *close);
void tquic_stream_read(struct tquic_stream *s, u64 len, tquic_time_t now,
		       u64 delay);
void tquic_stream_read_reset(struct tquic_stream *s);
u64 tquic_stream_stop(struct tquic_stream *s, u64 code);

/* all data up to the end of the stream has been read */
static inline bool tquic_stream_at_end(const struct tquic_stream *s)
{
	return s->in.read == s->final_size;
}

#endif /* _TQUIC_CORE_STREAM_H */
