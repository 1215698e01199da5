// SPDX-License-Identifier: GPL-2.0
/*
 * The streams of a connection.
 */
#include "streams.h"

/**
 * tquic_streams_init - start without streams
 * @set: set
 * @ops: references to payload
 * @server: which end this is
 * @ours: credit that our transport parameters announce
 * @window_max: bound of a stream's auto-tuned window
 */
void tquic_streams_init(struct tquic_streams *set,
			const struct tquic_buf_ops *ops, bool server,
			const struct tquic_streams_credit *ours,
			u64 window_max)
{
	unsigned int i;

	*set = (struct tquic_streams){
		.ops = ops,
		.server = server,
		.root = RB_ROOT,
		.ours = *ours,
		.window_max = window_max,
		.busy_no = 1,
	};
	for (i = 0; i < 2; i++) {
		tquic_flow_tx_init(&set->open[i], 0);
		tquic_flow_rx_init(&set->grant[i], 0, 0, 0);
		tquic_range_init(&set->gone[i], TQUIC_STREAMS_GONE_MAX);
	}
	for (i = 0; i < TQUIC_STREAM_CLASSES; i++) {
		INIT_LIST_HEAD(&set->turn[i].ready);
		INIT_LIST_HEAD(&set->turn[i].starved);
	}
	INIT_LIST_HEAD(&set->control);
	INIT_LIST_HEAD(&set->event);
}

static void tquic_streams_unlink(struct tquic_streams *set,
				 struct tquic_stream *s)
{
	rb_erase(&s->node, &set->root);
	tquic_streams_idle(set, s);
	list_del_init(&s->control);
	list_del_init(&s->event);
	set->count--;
}

/**
 * tquic_streams_free - free all streams
 * @set: set; no sent packet may refer to a stream any more
 */
void tquic_streams_free(struct tquic_streams *set)
{
	struct tquic_stream *s;
	struct rb_node *node;

	while ((node = rb_first(&set->root))) {
		s = rb_entry(node, struct tquic_stream, node);
		tquic_streams_unlink(set, s);
		tquic_stream_free(s);
	}
	tquic_range_free(&set->gone[0]);
	tquic_range_free(&set->gone[1]);
}

/**
 * tquic_streams_grant - let the peer open streams
 * @set: set
 * @uni: of which kind
 * @count: how many may be open at a time
 * @now: present time
 */
void tquic_streams_grant(struct tquic_streams *set, bool uni, u64 count,
			 tquic_time_t now)
{
	tquic_flow_rx_init(&set->grant[uni], count, count, now);
}

/**
 * tquic_streams_peer - the peer's transport parameters are known
 * @set: set
 * @theirs: its initial credit on streams
 * @max_bidi: bidirectional streams that we may open
 * @max_uni: unidirectional ones
 *
 * Streams opened before, in 0-RTT, get the new limits where they are higher.
 */
void tquic_streams_peer(struct tquic_streams *set,
			const struct tquic_streams_credit *theirs,
			u64 max_bidi, u64 max_uni)
{
	struct tquic_stream *s;
	struct rb_node *node;

	set->theirs = *theirs;
	tquic_flow_tx_raise(&set->open[0], max_bidi);
	tquic_flow_tx_raise(&set->open[1], max_uni);
	for (node = rb_first(&set->root); node; node = rb_next(node)) {
		s = rb_entry(node, struct tquic_stream, node);
		if (!tquic_streams_is_ours(set, s->id))
			continue;
		tquic_flow_tx_raise(&s->tx, s->id & TQUIC_STREAM_UNI ?
				    theirs->uni : theirs->bidi_remote);
		tquic_streams_wake(set, s);
	}
}

/**
 * tquic_streams_restart - the peer has never heard of any stream
 * @set: set of a client whose early data was rejected
 *
 * Streams wait until the peer allows as many, by tquic_streams_peer() or
 * tquic_streams_allow().
 */
void tquic_streams_restart(struct tquic_streams *set)
{
	struct tquic_stream *s;
	struct rb_node *node;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		set->open[i].limit = 0;
		set->open[i].told = U64_MAX;
	}
	for (node = rb_first(&set->root); node; node = rb_next(node)) {
		s = rb_entry(node, struct tquic_stream, node);
		tquic_stream_restart(s, 0);
		tquic_streams_idle(set, s);
		list_del_init(&s->control);
	}
}

/**
 * tquic_streams_allow - the peer lets us open more streams
 * @set: set
 * @uni: of which kind
 * @max: how many, over the life of the connection
 */
void tquic_streams_allow(struct tquic_streams *set, bool uni, u64 max)
{
	u64 n = set->open[uni].limit;
	struct tquic_stream *s;

	if (!tquic_flow_tx_raise(&set->open[uni], max))
		return;
	/* those that were opened in early data, when more were allowed */
	for (; n < min(max, set->open[uni].used); n++) {
		s = tquic_streams_find(set, tquic_streams_id(set, uni, n));
		if (s)
			tquic_streams_wake(set, s);
	}
}

/**
 * tquic_streams_find - look a stream up
 * @set: set
 * @id: stream ID
 *
 * Return: the stream, NULL when it was never opened, or is gone.
 */
struct tquic_stream *tquic_streams_find(const struct tquic_streams *set,
					u64 id)
{
	struct rb_node *node = set->root.rb_node;
	struct tquic_stream *s;

	while (node) {
		s = rb_entry(node, struct tquic_stream, node);
		if (s->id == id)
			return s;
		node = id < s->id ? node->rb_left : node->rb_right;
	}
	return NULL;
}

static void tquic_streams_link(struct tquic_streams *set,
			       struct tquic_stream *s)
{
	struct rb_node **link = &set->root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = s->id < rb_entry(parent, struct tquic_stream,
					node)->id ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&s->node, parent, link);
	rb_insert_color(&s->node, &set->root);
	set->count++;
}

static struct tquic_stream *tquic_streams_make(struct tquic_streams *set,
					       u64 id, tquic_time_t now,
					       gfp_t gfp)
{
	struct tquic_stream_config config = { .id = id, .ops = set->ops };
	bool ours = tquic_streams_is_ours(set, id);
	struct tquic_stream *s;

	config.window_max = set->window_max;
	if (id & TQUIC_STREAM_UNI) {
		config.sends = ours;
		config.receives = !ours;
		config.tx_limit = set->theirs.uni;
		config.window = set->ours.uni;
	} else {
		config.sends = true;
		config.receives = true;
		config.tx_limit = ours ? set->theirs.bidi_remote :
					 set->theirs.bidi_local;
		config.window = ours ? set->ours.bidi_local :
				       set->ours.bidi_remote;
	}
	s = tquic_stream_new(&config, now, gfp);
	if (s)
		tquic_streams_link(set, s);
	return s;
}

/**
 * tquic_streams_open - open a stream
 * @set: set
 * @uni: unidirectional
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: the stream; NULL when the peer's limit is reached or without memory,
 * which tquic_flow_tx_room(&set->open[uni]) tells apart.
 */
struct tquic_stream *tquic_streams_open(struct tquic_streams *set, bool uni,
					tquic_time_t now, gfp_t gfp)
{
	struct tquic_flow_tx *open = &set->open[uni];
	struct tquic_stream *s;
	u64 id;

	if (!tquic_flow_tx_room(open))
		return NULL;
	id = tquic_streams_id(set, uni, open->used);
	s = tquic_streams_make(set, id, now, gfp);
	if (s)
		open->used++;
	return s;
}

/* A peer's stream that is not in the tree. */
static int tquic_streams_accept(struct tquic_streams *set, u64 id,
				u64 frame_type, tquic_time_t now,
				struct tquic_stream **stream,
				struct tquic_close *close, gfp_t gfp)
{
	bool uni = id & TQUIC_STREAM_UNI;

	if (!tquic_flow_rx_reach(&set->grant[uni], (id >> 2) + 1))
		return tquic_close_set(close, TQUIC_STREAM_LIMIT_ERROR,
				       frame_type, "stream beyond the limit");
	if (tquic_range_stale(&set->gone[uni], id >> 2))
		return 0;
	*stream = tquic_streams_make(set, id, now, gfp);
	if (!*stream)
		return -ENOMEM;
	tquic_streams_tell(set, *stream, TQUIC_STREAM_N_NEW);
	return 0;
}

/**
 * tquic_streams_lookup - find the stream that a frame is about
 * @set: set
 * @id: stream ID in the frame
 * @peer_sends: the frame comes from the sender of the stream's data (STREAM,
 *	RESET_STREAM, STREAM_DATA_BLOCKED) and not from its receiver
 *	(MAX_STREAM_DATA, STOP_SENDING)
 * @frame_type: for @close
 * @now: present time
 * @stream: answer; NULL when the stream is closed and the frame is old news
 * @close: filled on a protocol error
 * @gfp: allocation flags
 *
 * A frame for a peer's stream opens it (RFC 9000 section 3.2).
 *
 * Return: 0, -EPROTO or -ENOMEM.
 */
int tquic_streams_lookup(struct tquic_streams *set, u64 id, bool peer_sends,
			 u64 frame_type, tquic_time_t now,
			 struct tquic_stream **stream,
			 struct tquic_close *close, gfp_t gfp)
{
	bool ours = tquic_streams_is_ours(set, id);
	bool uni = id & TQUIC_STREAM_UNI;

	*stream = NULL;
	if (uni && ours == peer_sends)
		return tquic_close_set(close, TQUIC_STREAM_STATE_ERROR,
				       frame_type, ours ?
				       "stream is send-only" :
				       "stream is receive-only");
	if (ours && id >> 2 >= set->open[uni].used)
		return tquic_close_set(close, TQUIC_STREAM_STATE_ERROR,
				       frame_type, "stream was not opened");
	*stream = tquic_streams_find(set, id);
	if (*stream || ours)
		return 0;
	return tquic_streams_accept(set, id, frame_type, now, stream, close,
				    gfp);
}

/**
 * tquic_streams_settle - free a stream if its time has come
 * @set: set
 * @s: stream; must not be used afterwards
 * @now: present time
 * @gfp: allocation flags
 *
 * That is when both parts are in a terminal state, the application let go of
 * it, and no sent packet refers to it.  A peer's stream makes room for another.
 */
void tquic_streams_settle(struct tquic_streams *set, struct tquic_stream *s,
			  tquic_time_t now, gfp_t gfp)
{
	bool uni = s->id & TQUIC_STREAM_UNI;
	u64 number = s->id >> 2;

	if (!s->released || s->refs || !tquic_stream_closed(s))
		return;
	if (!tquic_streams_is_ours(set, s->id)) {
		/* it may not come back: keep it rather than forget that */
		if (tquic_range_insert(&set->gone[uni], number, number, gfp))
			return;
		tquic_flow_rx_consume(&set->grant[uni], 1, now, 0);
	}
	tquic_streams_unlink(set, s);
	tquic_stream_free(s);
}

/**
 * tquic_streams_tell - there is news of a stream for the application
 * @set: set
 * @s: stream
 * @news: TQUIC_STREAM_N_*
 *
 * Level-triggered: a stream is in the list once, whatever the peer does.
 */
void tquic_streams_tell(struct tquic_streams *set, struct tquic_stream *s,
			unsigned int news)
{
	s->news |= news;
	if (list_empty(&s->event))
		list_add_tail(&s->event, &set->event);
}
