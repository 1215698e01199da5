// SPDX-License-Identifier: GPL-2.0
/*
 * Two endpoints that obey the rules, over a network that loses, reorders and
 * repeats: neither may ever see an error, keep more than the limits, or send
 * to a connection ID that the other does not accept.
 */
#include "core/cid.h"
#include "tap.h"

#define FLIGHT	48	/* packets whose fate is open */
#define LINGER	40	/* steps from an abandoned path to its deletion */
#define WINDOW	3	/* path IDs open at a time, beside the first */
#define PATHS	4096

struct packet {
	struct tquic_frame f;
	u8 cid[TQUIC_PKT_CID_MAX];
	u8 token[TQUIC_RESET_TOKEN_LEN];
	bool busy;
};

static struct end {
	struct tquic_cids cids;
	struct packet flight[FLIGHT];	/* sent by this endpoint */
	u64 delete_at[PATHS];		/* step, 0 for no path to be deleted */
	bool told[PATHS];		/* the peer has our PATH_ABANDON */
	u64 opened;
	u8 limit;
} ends[2];

static u64 step, serial;
static bool calm;	/* nothing is lost, nobody wishes for anything */

static struct end *other(struct end *e)
{
	return e == &ends[0] ? &ends[1] : &ends[0];
}

static struct tquic_cid_local *make(void)
{
	struct tquic_cid_local *cid = kzalloc(sizeof(*cid), GFP_KERNEL);

	TQ_ASSERT(cid);
	serial++;
	cid->cid.len = 8;
	memcpy(cid->cid.id, &serial, sizeof(serial));
	memcpy(cid->token, &serial, sizeof(serial));
	return cid;
}

static void begin(struct end *e, u8 limit)
{
	struct tquic_cid_local *cid = make();

	memset(e, 0, sizeof(*e));
	e->limit = limit;
	tquic_cid_init(&e->cids, limit);
	TQ_ASSERT_EQ(tquic_cid_local_issue(&e->cids, 0, cid, true, GFP_KERNEL),
		     0);
}

static void meet(struct end *e)
{
	struct tquic_cid_local *cid;
	struct tquic_cids *peer = &other(e)->cids;

	cid = list_first_entry(&tquic_cid_path_find(peer, 0)->local,
			       struct tquic_cid_local, node);
	TQ_ASSERT_EQ(tquic_cid_peer_init(&e->cids, cid->cid.id, 8, GFP_KERNEL),
		     0);
	tquic_cid_local_use(peer, cid);
	tquic_cid_set_peer(&e->cids, other(e)->limit, WINDOW);
	tquic_cid_raise_max_path(&e->cids, WINDOW);
}

static struct packet *room(struct end *e)
{
	unsigned int i;

	for (i = 0; i < FLIGHT; i++)
		if (!e->flight[i].busy)
			return &e->flight[i];
	return NULL;
}

static void put(struct packet *p, const struct tquic_frame *f)
{
	p->f = *f;
	p->busy = true;
	if (f->type != TQUIC_FRAME_PATH_NEW_CONNECTION_ID)
		return;
	memcpy(p->cid, f->new_cid.cid, f->new_cid.cid_len);
	memcpy(p->token, f->new_cid.token, sizeof(p->token));
	p->f.new_cid.cid = p->cid;
	p->f.new_cid.token = p->token;
}

static void put_path(struct end *e, u16 type, u64 path_id)
{
	struct tquic_frame f = { .type = type, .path_id = path_id };
	struct packet *p = room(e);

	TQ_ASSERT(p);
	put(p, &f);
}

static void supply(struct end *e)
{
	u64 path_id;

	while (tquic_cid_local_wanted(&e->cids, &path_id))
		TQ_ASSERT_EQ(tquic_cid_local_issue(&e->cids, path_id, make(),
						   false, GFP_KERNEL), 0);
}

/* leave room for what cannot wait */
static void transmit(struct end *e)
{
	struct tquic_frame f;
	struct packet *p;
	unsigned int i;

	supply(e);
	for (i = 0; i < FLIGHT - 16; i++) {
		if (e->flight[i].busy)
			continue;
		p = &e->flight[i];
		if (tquic_cid_local_announce(&e->cids, true, &f)) {
			put(p, &f);
			tquic_cid_local_sent(&e->cids, f.path_id,
					     f.new_cid.seq);
		} else if (tquic_cid_peer_retire_next(&e->cids, true, &f)) {
			put(p, &f);
			tquic_cid_peer_retire_sent(&e->cids, f.path_id,
						   f.retire_cid.seq);
		}
	}
}

/* the connection IDs of a path: sent with, hence known at the other end */
static void use_path(struct end *e, u64 path_id)
{
	struct tquic_cid_peer *peer = tquic_cid_peer_take(&e->cids, path_id);
	struct tquic_cid_path *path;
	struct tquic_cid_local *cid;

	if (!peer)
		return;
	path = tquic_cid_path_find(&other(e)->cids, path_id);
	TQ_ASSERT(path);
	list_for_each_entry(cid, &path->local, node) {
		if (cid->seq != peer->seq)
			continue;
		TQ_ASSERT(!memcmp(cid->cid.id, peer->cid.id, 8));
		tquic_cid_local_use(&other(e)->cids, cid);
		return;
	}
	TQ_ASSERT(path->abandoned);
}

static void abandon(struct end *e, u64 path_id)
{
	bool was;

	was = tquic_cid_path_find(&e->cids, path_id) &&
	      tquic_cid_path_find(&e->cids, path_id)->abandoned;
	TQ_ASSERT_EQ(tquic_cid_path_abandon(&e->cids, path_id, GFP_KERNEL), 0);
	if (!was)
		put_path(e, TQUIC_FRAME_PATH_ABANDON, path_id);
}

static void deliver(struct end *e, const struct tquic_frame *f)
{
	struct tquic_close close = { 0 };
	int ok = tquic_cid_path_check(&e->cids, f, &close);

	switch (f->type) {
	case TQUIC_FRAME_PATH_NEW_CONNECTION_ID:
		TQ_ASSERT(tquic_cid_peer_recv(&e->cids, f, GFP_KERNEL,
					      &close) >= 0);
		break;
	case TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID:
		TQ_ASSERT_EQ(tquic_cid_local_recv_retire(&e->cids, f, NULL,
							 step + 20, &close), 0);
		break;
	case TQUIC_FRAME_PATH_ABANDON:
		TQ_ASSERT(ok >= 0);
		if (!ok)
			break;
		abandon(e, f->path_id);
		if (!e->delete_at[f->path_id])
			e->delete_at[f->path_id] = step + LINGER;
		break;
	case TQUIC_FRAME_MAX_PATH_ID:
		TQ_ASSERT_EQ(tquic_cid_recv_max_path(&e->cids, f, &close), 0);
		break;
	}
}

static void lost(struct end *e, struct packet *p)
{
	switch (p->f.type) {
	case TQUIC_FRAME_PATH_NEW_CONNECTION_ID:
		tquic_cid_local_lost(&e->cids, p->f.path_id, p->f.new_cid.seq);
		break;
	case TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID:
		tquic_cid_peer_retire_lost(&e->cids, p->f.path_id,
					   p->f.retire_cid.seq);
		break;
	default:
		/* sent again as it is */
		return;
	}
	p->busy = false;
}

static void acked(struct end *e, struct packet *p)
{
	switch (p->f.type) {
	case TQUIC_FRAME_PATH_NEW_CONNECTION_ID:
		tquic_cid_local_acked(&e->cids, p->f.path_id,
				      p->f.new_cid.seq);
		break;
	case TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID:
		tquic_cid_peer_retire_acked(&e->cids, p->f.path_id,
					    p->f.retire_cid.seq);
		break;
	}
	p->busy = false;
}

/* a packet arrives, or not, or twice; so does its acknowledgment */
static void network(struct end *e, struct packet *p)
{
	unsigned int fate = calm ? 9 : tq_rand_below(10);

	if (!p->busy)
		return;
	if (fate >= 2)
		deliver(other(e), &p->f);
	if (fate == 3)
		deliver(other(e), &p->f);
	if (fate <= 4 && fate != 3)
		lost(e, p);
	else
		acked(e, p);
}

static void housekeeping(struct end *e)
{
	struct tquic_cid_local *cid;
	u64 id;

	for (id = 0; id < e->opened + 2 * WINDOW && id < PATHS; id++) {
		if (!e->delete_at[id] || e->delete_at[id] > step ||
		    !tquic_cid_path_find(&e->cids, id))
			continue;
		tquic_cid_path_delete(&e->cids, id);
		tquic_cid_raise_max_path(&e->cids,
					 e->cids.local_max_path + 1);
		put_path(e, TQUIC_FRAME_MAX_PATH_ID, e->cids.local_max_path);
	}
	while ((cid = tquic_cid_local_reap(&e->cids, step)))
		kfree(cid);
	e->opened = max(e->opened, e->cids.local_max_path);
}

static u64 random_path(struct end *e)
{
	struct rb_node *node = rb_first(&e->cids.paths);
	unsigned int n = tq_rand_below(e->cids.nr_paths);

	while (n--)
		node = rb_next(node);
	return rb_entry(node, struct tquic_cid_path, node)->id;
}

static void wishes(struct end *e)
{
	u64 id = random_path(e);
	struct tquic_cid_path *path = tquic_cid_path_find(&e->cids, id);
	struct tquic_cid_peer *cid;

	switch (tq_rand_below(12)) {
	case 0 ... 3:
		use_path(e, id);
		break;
	case 4 ... 6:
		/* give one back if there is another to send with */
		if (path->nr_peer < 2)
			break;
		cid = list_first_entry(&path->peer, struct tquic_cid_peer,
				       node);
		tquic_cid_peer_retire(&e->cids, id, cid->seq);
		break;
	case 7:
		if (!tq_rand_below(10))
			tquic_cid_local_retire_prior(&e->cids, id,
						     path->local_next);
		break;
	case 8:
		/* path 0 lives for ever */
		if (id && !tq_rand_below(4) && room(e) && room(other(e)))
			abandon(e, id);
		break;
	}
}

static unsigned int length(const struct list_head *list)
{
	const struct list_head *pos;
	unsigned int n = 0;

	list_for_each(pos, list)
		n++;
	return n;
}

/* whatever may be sent with is accepted at the other end */
static void check_routable(struct end *e, const struct tquic_cid_path *path)
{
	struct tquic_cid_path *there;
	const struct tquic_cid_peer *cid;
	const struct tquic_cid_local *l;
	bool found;

	there = tquic_cid_path_find(&other(e)->cids, path->id);
	list_for_each_entry(cid, &path->peer, node) {
		found = false;
		TQ_ASSERT(there);
		list_for_each_entry(l, &there->local, node)
			found |= l->seq == cid->seq &&
				 !memcmp(l->cid.id, cid->cid.id, 8);
		TQ_ASSERT(found);
	}
}

static void check(struct end *e)
{
	struct tquic_cid_path *path;
	struct rb_node *node;

	TQ_ASSERT(e->cids.nr_paths <= 2 * WINDOW + 2);
	TQ_ASSERT(e->cids.gone.count <= e->cids.nr_paths + 1 + WINDOW);
	for (node = rb_first(&e->cids.paths); node; node = rb_next(node)) {
		path = rb_entry(node, struct tquic_cid_path, node);
		TQ_ASSERT_EQ(length(&path->local), path->nr_local);
		TQ_ASSERT_EQ(length(&path->peer), path->nr_peer);
		TQ_ASSERT_EQ(length(&path->retiring), path->nr_retiring);
		TQ_ASSERT(path->nr_peer <= e->limit);
		TQ_ASSERT(path->nr_retiring <= 2 * e->limit);
		TQ_ASSERT(path->nr_local + path->nr_expiring <=
			  TQUIC_CID_LOCAL_MAX);
		check_routable(e, path);
	}
}

/* with all said and done, every path has a spare one both ways */
static void check_calm(struct end *e)
{
	struct tquic_cid_path *path;
	struct tquic_frame f;
	u64 id;

	TQ_EXPECT(!tquic_cid_local_announce(&e->cids, true, &f));
	TQ_EXPECT(!tquic_cid_peer_retire_next(&e->cids, true, &f));
	TQ_EXPECT(list_empty(&e->cids.expiring));
	TQ_EXPECT_EQ(e->cids.nr_paths, WINDOW + 1);
	for (id = 0; id <= e->cids.local_max_path; id++) {
		path = tquic_cid_path_find(&e->cids, id);
		if (!path)
			continue;
		TQ_EXPECT_EQ(path->nr_retiring, 0);
		TQ_EXPECT(path->nr_local <= other(e)->limit);
		TQ_EXPECT(!tquic_cid_peer_blocked(&e->cids, id, &f) ||
			  path->nr_peer == e->limit);
	}
}

static void run(u8 limit_a, u8 limit_b, unsigned int steps)
{
	unsigned int i, k;

	step = 1;
	calm = false;
	begin(&ends[0], limit_a);
	begin(&ends[1], limit_b);
	meet(&ends[0]);
	meet(&ends[1]);
	for (i = 0; i < steps; i++, step++) {
		tq_note("limits %u %u step %u", limit_a, limit_b, i);
		calm = i > steps - 400;
		for (k = 0; k < 2; k++) {
			transmit(&ends[k]);
			if (!calm)
				wishes(&ends[k]);
			network(&ends[k],
				&ends[k].flight[calm ? i % FLIGHT :
						       tq_rand_below(FLIGHT)]);
			network(&ends[k],
				&ends[k].flight[tq_rand_below(FLIGHT)]);
			housekeeping(&ends[k]);
		}
		check(&ends[0]);
		check(&ends[1]);
	}
	/* many paths came and went */
	TQ_EXPECT(ends[0].cids.local_max_path > WINDOW + steps / 500);
	for (k = 0; k < 2; k++) {
		struct tquic_cid_local *cid;

		check_calm(&ends[k]);
		tquic_cid_exit(&ends[k].cids);
		while ((cid = tquic_cid_local_reap(&ends[k].cids,
						   TQUIC_TIME_NEVER)))
			kfree(cid);
	}
}

TQ_TEST(cid_model_two_endpoints)
{
	u8 limit;

	for (limit = 2; limit <= TQUIC_CID_ACTIVE_MAX; limit++) {
		run(limit, limit, 6000);
		run(2, limit, 6000);
		run(limit, 3, 6000);
	}
}

/* frames without sense, from a peer that means harm */
static int hostile(struct end *e, u64 range)
{
	u8 bytes[24];
	struct tquic_frame f = { .path_id = tq_rand_below(WINDOW + 2) };
	struct tquic_close close = { 0 };
	u64 nr = tq_rand_below(range);
	int err;

	memset(bytes, nr + 1, sizeof(bytes));
	switch (tq_rand_below(5)) {
	case 0 ... 2:
		f.type = TQUIC_FRAME_PATH_NEW_CONNECTION_ID;
		f.new_cid.seq = tq_rand_below(8) ? nr : tq_rand_below(range);
		f.new_cid.retire_prior_to = tq_rand_below(2) ? 0 :
			tq_rand_below(f.new_cid.seq + 1);
		f.new_cid.cid_len = 1 + f.path_id;
		f.new_cid.cid = bytes;
		f.new_cid.token = bytes + 4;
		err = tquic_cid_peer_recv(&e->cids, &f, GFP_KERNEL, &close);
		break;
	case 3:
		f.type = TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID;
		f.retire_cid.seq = nr;
		err = tquic_cid_local_recv_retire(&e->cids, &f, NULL, step + 50,
						  &close);
		break;
	default:
		f.type = TQUIC_FRAME_PATH_CIDS_BLOCKED;
		f.path_cids_blocked.next_seq = nr;
		err = tquic_cid_local_recv_blocked(&e->cids, &f, &close);
		break;
	}
	TQ_ASSERT_EQ(err == -EPROTO, close.code != 0);
	if (err == -EPROTO)
		TQ_ASSERT_EQ(close.frame_type, f.type);
	return err;
}

/* our side goes about its business meanwhile */
static void carry_on(struct end *e)
{
	struct tquic_cid_local *cid;
	struct tquic_frame f;
	u64 id = tq_rand_below(WINDOW + 1);

	supply(e);
	while (tquic_cid_local_announce(&e->cids, true, &f))
		tquic_cid_local_sent(&e->cids, f.path_id, f.new_cid.seq);
	while (tquic_cid_peer_retire_next(&e->cids, true, &f)) {
		tquic_cid_peer_retire_sent(&e->cids, f.path_id,
					   f.retire_cid.seq);
		if (tq_rand_below(2))
			tquic_cid_peer_retire_acked(&e->cids, f.path_id,
						    f.retire_cid.seq);
	}
	if (!tq_rand_below(4))
		tquic_cid_peer_take(&e->cids, id);
	if (id && !tq_rand_below(300))
		TQ_ASSERT_EQ(tquic_cid_path_abandon(&e->cids, id, GFP_KERNEL),
			     0);
	if (id && !tq_rand_below(600))
		tquic_cid_path_delete(&e->cids, id);
	while ((cid = tquic_cid_local_reap(&e->cids, step)))
		kfree(cid);
}

static void check_bounds(const struct end *e)
{
	const struct tquic_cid_path *path;
	unsigned int entries = 0, known = 0;
	struct rb_node *node;

	for (node = rb_first(&e->cids.paths); node; node = rb_next(node)) {
		path = rb_entry(node, struct tquic_cid_path, node);
		TQ_ASSERT_EQ(length(&path->local), path->nr_local);
		TQ_ASSERT_EQ(length(&path->peer), path->nr_peer);
		TQ_ASSERT_EQ(length(&path->retiring), path->nr_retiring);
		TQ_ASSERT(path->nr_peer <= e->limit);
		TQ_ASSERT(path->nr_retiring <= 2 * e->limit);
		TQ_ASSERT(path->nr_local + path->nr_expiring <=
			  TQUIC_CID_LOCAL_MAX);
		TQ_ASSERT(path->known.count <= TQUIC_CID_KNOWN_RANGES);
		entries += path->nr_peer + path->nr_retiring;
	}
	for (node = rb_first(&e->cids.by_cid); node; node = rb_next(node))
		known++;
	TQ_ASSERT_EQ(known, entries);
	TQ_ASSERT(e->cids.nr_paths <= WINDOW + 1);
}

TQ_TEST(cid_model_hostile_peer)
{
	struct tquic_cid_local *cid;
	struct end *e = &ends[0];
	unsigned int round, i, refused = 0;

	for (round = 0; round < 60; round++) {
		step = 1;
		begin(e, 2 + round % 7);
		tquic_cid_set_peer(&e->cids, 2 + round % 9, WINDOW);
		tquic_cid_raise_max_path(&e->cids, WINDOW);
		for (i = 0; i < 1500; i++, step++) {
			tq_note("round %u step %u", round, i);
			/* as if the connection were never closed */
			refused += hostile(e, 1 + round) == -EPROTO;
			carry_on(e);
			check_bounds(e);
		}
		tquic_cid_exit(&e->cids);
		while ((cid = tquic_cid_local_reap(&e->cids, TQUIC_TIME_NEVER)))
			kfree(cid);
	}
	TQ_EXPECT(refused > 1000);
}
