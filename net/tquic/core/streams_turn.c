// SPDX-License-Identifier: GPL-2.0
/*
 * Whose turn it is to send.
 *
 * All that waits forms one queue in the order in which it will be sent: class
 * after class, and within a class the streams by turns.  A path that lands its
 * bytes later than others is told how many bytes of that queue the others will
 * have carried by then, and takes those behind them.
 */
#include "streams.h"

static bool tquic_streams_listed(const struct tquic_stream *s)
{
	return !list_empty(&s->ready);
}

/* Brings the sums of a stream's class up to date. */
static void tquic_streams_count(struct tquic_streams *set,
				struct tquic_stream *s)
{
	struct tquic_streams_turn *turn = &set->turn[s->class];
	u64 due = 0, fresh = 0, open = 0;

	if (tquic_streams_listed(s))
		tquic_stream_waiting(s, &due, &fresh, &open);
	turn->due += due - s->due;
	turn->fresh += fresh - s->fresh;
	turn->open += open - s->open;
	s->due = due;
	s->fresh = fresh;
	s->open = open;
}

static void tquic_streams_list(struct tquic_streams *set,
			       struct tquic_stream *s, bool front)
{
	struct tquic_streams_turn *turn = &set->turn[s->class];

	if (!tquic_streams_listed(s))
		turn->count++;
	if (front)
		list_move(&s->ready, &turn->ready);
	else
		list_move_tail(&s->ready, &turn->ready);
	tquic_streams_count(set, s);
}

/* A stream has nothing to send, or never will again. */
void tquic_streams_idle(struct tquic_streams *set, struct tquic_stream *s)
{
	if (tquic_streams_listed(s)) {
		set->turn[s->class].count--;
		list_del_init(&s->ready);
	}
	tquic_streams_count(set, s);
}

static bool tquic_streams_wants(const struct tquic_stream *s)
{
	struct tquic_stream_piece piece;

	return tquic_stream_wants(s, U64_MAX - s->tx.used, 0, 1, &piece);
}

/**
 * tquic_streams_wake - a stream may have something to send
 * @set: set
 * @s: stream
 *
 * To be called after whatever may give it data, credit or control frames.
 */
void tquic_streams_wake(struct tquic_streams *set, struct tquic_stream *s)
{
	if (!tquic_streams_allowed(set, s))
		return;
	if (s->pending && list_empty(&s->control))
		list_add_tail(&s->control, &set->control);
	if (tquic_streams_listed(s))
		tquic_streams_count(set, s);
	else if (tquic_streams_wants(s))
		tquic_streams_list(set, s, false);
}

/**
 * tquic_streams_hurry - a stream may have to send something again
 * @set: set
 * @s: stream
 *
 * It goes to the front of its class: its reader waits for a hole to be filled.
 */
void tquic_streams_hurry(struct tquic_streams *set, struct tquic_stream *s)
{
	if (tquic_streams_wants(s) && tquic_streams_allowed(set, s))
		tquic_streams_list(set, s, true);
}

/* The connection got credit: those who waited for it have their turn again. */
void tquic_streams_feed(struct tquic_streams *set)
{
	unsigned int i;

	for (i = 0; i < TQUIC_STREAM_CLASSES; i++)
		list_splice_tail_init(&set->turn[i].starved,
				      &set->turn[i].ready);
}

void tquic_streams_set_class(struct tquic_streams *set, struct tquic_stream *s,
			     enum tquic_stream_class class)
{
	bool listed = tquic_streams_listed(s);

	tquic_streams_idle(set, s);
	s->class = class;
	if (listed)
		tquic_streams_list(set, s, false);
}

/**
 * tquic_streams_urgent - the most urgent class that could send
 * @set: set
 *
 * Return: enum tquic_stream_class, TQUIC_STREAM_CLASSES for none.
 */
int tquic_streams_urgent(const struct tquic_streams *set)
{
	int i;

	for (i = 0; i < TQUIC_STREAM_CLASSES; i++)
		if (!list_empty(&set->turn[i].ready))
			break;
	return i;
}

static u64 tquic_streams_class_backlog(const struct tquic_streams_turn *turn,
				       u64 conn_room)
{
	return turn->due + min(turn->fresh, conn_room);
}

/**
 * tquic_streams_sum - how much waits
 * @set: set
 * @sum: answer, over all classes
 */
void tquic_streams_sum(const struct tquic_streams *set,
		       struct tquic_streams_sum *sum)
{
	unsigned int i;

	*sum = (struct tquic_streams_sum){};
	for (i = 0; i < TQUIC_STREAM_CLASSES; i++) {
		sum->due += set->turn[i].due;
		sum->fresh += set->turn[i].fresh;
		sum->open += set->turn[i].open;
	}
}

/* Does anybody wait for credit of the connection. */
bool tquic_streams_starved(const struct tquic_streams *set)
{
	unsigned int i;

	for (i = 0; i < TQUIC_STREAM_CLASSES; i++)
		if (!list_empty(&set->turn[i].starved))
			return true;
	return false;
}

/*
 * First stream of a class that wants to send.  Those found to want nothing, or
 * nothing without credit of the connection, leave the list, so nobody is looked
 * at in vain twice.
 */
static struct tquic_stream *
tquic_streams_first(struct tquic_streams *set, struct tquic_streams_turn *turn,
		    const struct tquic_streams_ask *ask,
		    struct tquic_stream_piece *piece)
{
	struct tquic_stream *s, *next;

	list_for_each_entry_safe(s, next, &turn->ready, ready) {
		if (tquic_stream_wants(s, ask->room, 0, ask->max, piece))
			return s;
		if (tquic_streams_wants(s)) {
			list_move_tail(&s->ready, &turn->starved);
			continue;
		}
		tquic_streams_idle(set, s);
		if (s->q.next < s->q.end && tquic_flow_tx_tell(&s->tx)) {
			s->pending |= TQUIC_STREAM_P_BLOCKED;
			list_move_tail(&s->control, &set->control);
		}
	}
	return NULL;
}

/*
 * Bytes of a stream among the next @skip of its class.  The streams share
 * alike, unless the others do not have as much.
 */
static u64 tquic_streams_share(const struct tquic_streams_turn *turn,
			       const struct tquic_stream *s, u64 conn_room,
			       u64 skip)
{
	u64 all = tquic_streams_class_backlog(turn, conn_room);
	u64 own = s->due + min(s->fresh, conn_room);
	u64 others = all > own ? all - own : 0;
	u64 even = div_u64(skip, turn->count);

	return max(even, skip > others ? skip - others : 0);
}

/* A stream of a class with bytes behind the next @skip of the class. */
static struct tquic_stream *
tquic_streams_behind(struct tquic_streams_turn *turn,
		     const struct tquic_streams_ask *ask, u64 skip,
		     struct tquic_stream_piece *piece)
{
	unsigned int tries = 0;
	struct tquic_stream *s;
	u64 share;

	list_for_each_entry(s, &turn->ready, ready) {
		if (tries++ == TQUIC_STREAMS_TRIES)
			break;
		share = tquic_streams_share(turn, s, ask->room, skip);
		if (tquic_stream_wants(s, ask->room, share, ask->max, piece))
			return s;
	}
	return NULL;
}

/**
 * tquic_streams_next - whose turn it is
 * @set: set
 * @ask: see struct tquic_streams_ask
 * @piece: what it should send
 *
 * Real time before interactive before the rest; a background stream gets a
 * small share of what bulk streams leave, so that it lives.
 *
 * Return: the stream, NULL when none can send.
 */
struct tquic_stream *tquic_streams_next(struct tquic_streams *set,
					const struct tquic_streams_ask *ask,
					struct tquic_stream_piece *piece)
{
	static const u8 order[2][TQUIC_STREAM_CLASSES] = {
		{ TQUIC_STREAM_REALTIME, TQUIC_STREAM_INTERACTIVE,
		  TQUIC_STREAM_BULK, TQUIC_STREAM_BACKGROUND },
		{ TQUIC_STREAM_REALTIME, TQUIC_STREAM_INTERACTIVE,
		  TQUIC_STREAM_BACKGROUND, TQUIC_STREAM_BULK },
	};
	bool late = set->turns >= TQUIC_STREAMS_BACKGROUND_TURN;
	struct tquic_streams_turn *turn;
	u64 skip = ask->skip;
	struct tquic_stream *s;
	unsigned int i;
	u8 class;

	for (i = 0; i < TQUIC_STREAM_CLASSES; i++) {
		class = order[late][i];
		turn = &set->turn[class];
		if (list_empty(&turn->ready) || class < ask->first ||
		    class > ask->last)
			continue;
		s = skip ? tquic_streams_behind(turn, ask, skip, piece) :
			   tquic_streams_first(set, turn, ask, piece);
		if (s)
			return s;
		skip -= min(skip, tquic_streams_class_backlog(turn,
							      ask->room));
	}
	return NULL;
}

/**
 * tquic_streams_charge - a stream has sent
 * @set: set
 * @s: stream from tquic_streams_next()
 * @bytes: bytes of data
 *
 * Deficit round robin within the class (Shreedhar and Varghese, SIGCOMM 1995).
 */
void tquic_streams_charge(struct tquic_streams *set, struct tquic_stream *s,
			  u32 bytes)
{
	tquic_streams_count(set, s);
	s->deficit -= bytes;
	if (s->deficit > 0 || !tquic_streams_listed(s))
		return;
	s->deficit += TQUIC_STREAMS_QUANTUM;
	list_move_tail(&s->ready, &set->turn[s->class].ready);
	if (s->class == TQUIC_STREAM_BACKGROUND)
		set->turns = 0;
	else if (s->class == TQUIC_STREAM_BULK)
		set->turns++;
}
