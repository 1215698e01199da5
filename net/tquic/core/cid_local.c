// SPDX-License-Identifier: GPL-2.0
/*
 * Connection IDs that this endpoint issued.
 */
#include "cid.h"

static struct tquic_cid_local *local_find(const struct tquic_cid_path *path,
					  u64 seq)
{
	struct tquic_cid_local *cid;

	list_for_each_entry(cid, &path->local, node)
		if (cid->seq == seq)
			return cid;
	return NULL;
}

/* active ones, wherever the path stands */
static struct tquic_cid_local *local_lookup(const struct tquic_cids *cids,
					    u64 path_id, u64 seq)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);

	return path ? local_find(path, seq) : NULL;
}

/* those that count against the peer's limit, and how many it did not use */
static unsigned int local_count(const struct tquic_cid_path *path,
				unsigned int *spare)
{
	const struct tquic_cid_local *cid;
	unsigned int n = 0;

	*spare = 0;
	list_for_each_entry(cid, &path->local, node) {
		if (cid->seq < path->local_prior)
			continue;
		n++;
		*spare += !cid->used;
	}
	return n;
}

static bool local_has_room(const struct tquic_cids *cids,
			   const struct tquic_cid_path *path, unsigned int n)
{
	return !path->abandoned && n < cids->peer_limit &&
	       path->nr_local + path->nr_expiring < TQUIC_CID_LOCAL_MAX;
}

/*
 * The supply policy: the peer always has one that it did not use yet, for its
 * next path or for the next change of address on this one.  The first one of a
 * path is issued in the order of path IDs and not decided here.
 */
void tquic_cid_local_review(struct tquic_cids *cids,
			    struct tquic_cid_path *path)
{
	unsigned int spare, n = local_count(path, &spare);

	if (path->local_next && !cids->local_empty && (path->asked || !spare) &&
	    local_has_room(cids, path, n)) {
		if (list_empty(&path->want))
			list_add_tail(&path->want, &cids->wanting);
	} else {
		list_del_init(&path->want);
	}
}

/* the lowest path ID for which none was issued yet; moves up only */
static bool next_unissued(struct tquic_cids *cids)
{
	u64 max_path = min(cids->local_max_path, cids->peer_max_path);
	struct tquic_cid_path *path;

	for (;;) {
		cids->next_path = tquic_range_gap(&cids->gone, cids->next_path);
		if (cids->next_path > max_path)
			return false;
		path = tquic_cid_path_find(cids, cids->next_path);
		if (!path || !path->abandoned)
			return true;
		cids->next_path++;
	}
}

/**
 * tquic_cid_local_wanted - should a connection ID be issued
 * @cids: the set
 * @path_id: set to the path that it should be for
 *
 * To be asked, and answered by tquic_cid_local_issue(), until it is false,
 * after the handshake and whenever frames or deadlines were processed.
 *
 * Return: whether one should be issued.
 */
bool tquic_cid_local_wanted(struct tquic_cids *cids, u64 *path_id)
{
	struct tquic_cid_path *path;

	if (cids->local_empty)
		return false;
	path = list_first_entry_or_null(&cids->wanting, struct tquic_cid_path,
					want);
	if (path) {
		*path_id = path->id;
		return true;
	}
	if (!next_unissued(cids))
		return false;
	*path_id = cids->next_path;
	return true;
}

/**
 * tquic_cid_local_issue - issue a connection ID
 * @cids: the set
 * @path_id: as tquic_cid_local_wanted() said; 0 during the handshake
 * @cid: with @cid->cid and @cid->token filled; unique in the caller's table,
 *	which has to lead packets here before the frame is sent.  Belongs to the
 *	set until tquic_cid_local_reap() returns it.
 * @known: the peer knows it from the handshake: the first one, which may be
 *	empty, and the one of preferred_address
 * @gfp: how to allocate
 *
 * Return: 0; -EINVAL for a path that must not get one, or before its turn;
 * -ENOSPC when the peer takes no more; -ENOMEM.
 */
int tquic_cid_local_issue(struct tquic_cids *cids, u64 path_id,
			  struct tquic_cid_local *cid, bool known, gfp_t gfp)
{
	struct tquic_cid_path *path;
	unsigned int spare;

	if (cids->local_empty)
		return -EINVAL;
	if (next_unissued(cids) && path_id == cids->next_path) {
		path = tquic_cid_path_get(cids, path_id, gfp);
		if (!path)
			return -ENOMEM;
		cids->next_path++;
	} else {
		path = tquic_cid_path_find(cids, path_id);
		if (!path || !path->local_next)
			return -EINVAL;
	}
	if (!local_has_room(cids, path, local_count(path, &spare)))
		return -ENOSPC;
	cids->local_empty = !cid->cid.len;
	cid->path_id = path_id;
	cid->seq = path->local_next++;
	cid->expire = TQUIC_TIME_NEVER;
	cid->used = false;
	cid->known = known;
	INIT_LIST_HEAD(&cid->tx);
	list_add_tail(&cid->node, &path->local);
	path->nr_local++;
	path->asked = false;
	if (known)
		path->local_sent = cid->seq + 1;
	else
		list_add_tail(&cid->tx, &cids->announce);
	tquic_cid_local_review(cids, path);
	return 0;
}

/**
 * tquic_cid_local_use - a packet came that is addressed by a connection ID
 * @cids: the set
 * @cid: the connection ID, active or expiring; only the first packet matters
 */
void tquic_cid_local_use(struct tquic_cids *cids, struct tquic_cid_local *cid)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, cid->path_id);

	cid->used = true;
	if (!path)
		return;
	path->used = true;
	tquic_cid_local_review(cids, path);
}

/**
 * tquic_cid_local_announce - the next connection ID to be told to the peer
 * @cids: the set
 * @multipath: with the frame of the multipath extension
 * @f: filled: the frame; points into the connection ID's entry
 *
 * tquic_cid_local_sent() takes it off the list.
 *
 * Return: whether there is one.
 */
bool tquic_cid_local_announce(struct tquic_cids *cids, bool multipath,
			      struct tquic_frame *f)
{
	const struct tquic_cid_local *cid;
	u64 prior;

	cid = list_first_entry_or_null(&cids->announce, struct tquic_cid_local,
				       tx);
	if (!cid)
		return false;
	prior = tquic_cid_path_find(cids, cid->path_id)->local_prior;
	*f = (struct tquic_frame){
		.type = multipath ? TQUIC_FRAME_PATH_NEW_CONNECTION_ID :
				    TQUIC_FRAME_NEW_CONNECTION_ID,
		.path_id = cid->path_id,
		.new_cid = {
			.seq = cid->seq,
			/* an older one is still told, so that it is retired */
			.retire_prior_to = min(prior, cid->seq),
			.cid = cid->cid.id,
			.cid_len = cid->cid.len,
			.token = cid->token,
		},
	};
	return true;
}

/**
 * tquic_cid_local_sent - a connection ID was told to the peer
 * @cids: the set
 * @path_id: its path
 * @seq: its sequence number
 */
void tquic_cid_local_sent(struct tquic_cids *cids, u64 path_id, u64 seq)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);
	struct tquic_cid_local *cid = local_lookup(cids, path_id, seq);

	if (!cid)
		return;
	list_del_init(&cid->tx);
	path->local_sent = max(path->local_sent, seq + 1);
}

/**
 * tquic_cid_local_acked - a packet that told a connection ID was acknowledged
 * @cids: the set
 * @path_id: its path
 * @seq: its sequence number
 */
void tquic_cid_local_acked(struct tquic_cids *cids, u64 path_id, u64 seq)
{
	struct tquic_cid_local *cid = local_lookup(cids, path_id, seq);

	if (!cid)
		return;
	cid->known = true;
	list_del_init(&cid->tx);
}

/**
 * tquic_cid_local_lost - a packet that told a connection ID was lost
 * @cids: the set
 * @path_id: its path
 * @seq: its sequence number
 *
 * Tells it again, unless the peer knows it or does not need it any more.
 */
void tquic_cid_local_lost(struct tquic_cids *cids, u64 path_id, u64 seq)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);
	struct tquic_cid_local *cid = local_lookup(cids, path_id, seq);

	if (cid && !cid->known && !path->abandoned)
		list_move(&cid->tx, &cids->announce);
}

/**
 * tquic_cid_local_retire_prior - have the peer give up connection IDs
 * @cids: the set
 * @path_id: their path
 * @prior: all with a lower sequence number, at most the next to be issued
 *
 * They stay valid until the peer retires them.  The request travels with the
 * connection ID that is wanted in consequence.
 *
 * Return: 0; -EINVAL for a bad path or @prior; -EBUSY while the peer has not
 * done what was asked last (RFC 9000 section 5.1.2).
 */
int tquic_cid_local_retire_prior(struct tquic_cids *cids, u64 path_id,
				 u64 prior)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);
	struct tquic_cid_local *oldest;

	if (!path || path->abandoned || prior > path->local_next ||
	    cids->local_empty)
		return -EINVAL;
	oldest = list_first_entry_or_null(&path->local, struct tquic_cid_local,
					  node);
	if (!oldest || oldest->seq >= prior)
		return 0;
	if (oldest->seq < path->local_prior)
		return -EBUSY;
	path->local_prior = prior;
	path->asked = true;
	tquic_cid_local_review(cids, path);
	return 0;
}

static void expiring_add(struct tquic_cids *cids, struct tquic_cid_local *cid)
{
	struct tquic_cid_local *pos;

	list_for_each_entry_reverse(pos, &cids->expiring, node)
		if (pos->expire <= cid->expire)
			break;
	list_add(&cid->node, &pos->node);
}

/**
 * tquic_cid_local_recv_retire - the peer retired a connection ID
 * @cids: the set
 * @f: RETIRE_CONNECTION_ID or PATH_RETIRE_CONNECTION_ID
 * @via: connection ID of the packet that the frame came in
 * @expire: until when late packets are accepted: 3 PTO from now
 * @close: filled when the peer broke the protocol
 *
 * Return: 0 or -EPROTO.
 */
int tquic_cid_local_recv_retire(struct tquic_cids *cids,
				const struct tquic_frame *f,
				const struct tquic_cid_local *via,
				tquic_time_t expire, struct tquic_close *close)
{
	int err = tquic_cid_path_check(cids, f, close);
	struct tquic_cid_local *cid;
	struct tquic_cid_path *path;

	if (err <= 0)
		return err;
	path = tquic_cid_path_find(cids, f->path_id);
	if (path && path->abandoned)
		return 0;
	if (cids->local_empty || !path || f->retire_cid.seq >= path->local_sent)
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, f->type,
				       "retired connection ID never issued");
	cid = local_find(path, f->retire_cid.seq);
	if (!cid)
		return 0;
	if (cid == via)
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, f->type,
				       "retired connection ID in use");
	list_del_init(&cid->tx);
	list_del(&cid->node);
	path->nr_local--;
	cid->expire = expire;
	expiring_add(cids, cid);
	path->nr_expiring++;
	tquic_cid_local_review(cids, path);
	return 0;
}

/**
 * tquic_cid_local_recv_blocked - the peer lacks connection IDs
 * @cids: the set
 * @f: PATH_CIDS_BLOCKED
 * @close: filled when the peer broke the protocol
 *
 * One more is wanted, if the peer had seen all others and its limit allows it.
 *
 * Return: 0 or -EPROTO.
 */
int tquic_cid_local_recv_blocked(struct tquic_cids *cids,
				 const struct tquic_frame *f,
				 struct tquic_close *close)
{
	int err = tquic_cid_path_check(cids, f, close);
	struct tquic_cid_path *path;

	if (err <= 0)
		return err;
	path = tquic_cid_path_find(cids, f->path_id);
	if (f->path_cids_blocked.next_seq > (path ? path->local_sent : 0))
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, f->type,
				       "connection ID never issued");
	if (!path || f->path_cids_blocked.next_seq < path->local_next)
		return 0;
	path->asked = true;
	tquic_cid_local_review(cids, path);
	return 0;
}

/* all of a path that is about to be freed, due at once */
void tquic_cid_local_drop_all(struct tquic_cids *cids,
			      struct tquic_cid_path *path)
{
	struct tquic_cid_local *cid, *tmp;

	list_for_each_entry_safe(cid, tmp, &path->local, node) {
		list_del_init(&cid->tx);
		cid->expire = 0;
		list_move(&cid->node, &cids->expiring);
	}
}

/**
 * tquic_cid_local_reap - take back a connection ID whose time is over
 * @cids: the set
 * @now: present time, ns
 *
 * Return: one that the caller has to take out of its table, or NULL.
 */
struct tquic_cid_local *tquic_cid_local_reap(struct tquic_cids *cids,
					     tquic_time_t now)
{
	struct tquic_cid_local *cid;
	struct tquic_cid_path *path;

	if (tquic_cid_local_deadline(cids) > now || list_empty(&cids->expiring))
		return NULL;
	cid = list_first_entry(&cids->expiring, struct tquic_cid_local, node);
	list_del(&cid->node);
	path = tquic_cid_path_find(cids, cid->path_id);
	if (path) {
		path->nr_expiring--;
		tquic_cid_local_review(cids, path);
	}
	return cid;
}

/**
 * tquic_cid_local_deadline - when is tquic_cid_local_reap() due
 * @cids: the set
 *
 * Return: a time, ns, or TQUIC_TIME_NEVER.
 */
tquic_time_t tquic_cid_local_deadline(struct tquic_cids *cids)
{
	const struct tquic_cid_local *cid;

	cid = list_first_entry_or_null(&cids->expiring, struct tquic_cid_local,
				       node);
	return cid ? cid->expire : TQUIC_TIME_NEVER;
}
