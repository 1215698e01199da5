// SPDX-License-Identifier: GPL-2.0
/*
 * Connection IDs that the peer issued.
 */
#include "cid.h"

struct cid_key {
	const u8 *id;
	u8 len;
};

static int cmp_cid(const void *key, const struct rb_node *node)
{
	const struct tquic_cid *cid;
	const struct cid_key *k = key;

	cid = &rb_entry(node, struct tquic_cid_peer, by_cid)->cid;
	if (k->len != cid->len)
		return k->len < cid->len ? -1 : 1;
	return memcmp(k->id, cid->id, k->len);
}

static struct tquic_cid_peer *find_by_cid(const struct tquic_cids *cids,
					  const struct tquic_frame_cid *f)
{
	struct cid_key key = { .id = f->cid, .len = f->cid_len };
	struct rb_node *node = rb_find(&key, &cids->by_cid, cmp_cid);

	return node ? rb_entry(node, struct tquic_cid_peer, by_cid) : NULL;
}

static void insert_by_cid(struct tquic_cids *cids, struct tquic_cid_peer *cid)
{
	struct rb_node **link = &cids->by_cid.rb_node, *parent = NULL;
	struct cid_key key = { .id = cid->cid.id, .len = cid->cid.len };

	while (*link) {
		parent = *link;
		if (cmp_cid(&key, parent) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&cid->by_cid, parent, link);
	rb_insert_color(&cid->by_cid, &cids->by_cid);
}

static struct tquic_cid_peer *find_in(const struct list_head *list, u64 seq)
{
	struct tquic_cid_peer *cid;

	list_for_each_entry(cid, list, node)
		if (cid->seq == seq)
			return cid;
	return NULL;
}

static struct tquic_cid_peer *find_retiring(const struct tquic_cids *cids,
					    u64 path_id, u64 seq)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);

	return path ? find_in(&path->retiring, seq) : NULL;
}

/* into the path's list of active ones, which is in order */
static void list_by_seq(struct tquic_cid_path *path, struct tquic_cid_peer *cid)
{
	struct tquic_cid_peer *pos;

	list_for_each_entry_reverse(pos, &path->peer, node)
		if (pos->seq < cid->seq)
			break;
	list_add(&cid->node, &pos->node);
	path->nr_peer++;
}

/* the frame that says so is due; the token is void from now on */
static void retire(struct tquic_cids *cids, struct tquic_cid_path *path,
		   struct tquic_cid_peer *cid)
{
	list_move_tail(&cid->node, &path->retiring);
	list_move_tail(&cid->link, &cids->retire);
	path->nr_peer--;
	path->nr_retiring++;
	cids->turnover++;
}

static void forget(struct tquic_cids *cids, struct tquic_cid_peer *cid)
{
	rb_erase(&cid->by_cid, &cids->by_cid);
	list_del(&cid->node);
	list_del(&cid->link);
	cids->turnover++;
	kfree(cid);
}

void tquic_cid_peer_drop_all(struct tquic_cids *cids,
			     struct tquic_cid_path *path)
{
	struct tquic_cid_peer *cid, *tmp;

	list_for_each_entry_safe(cid, tmp, &path->peer, node)
		forget(cids, cid);
	list_for_each_entry_safe(cid, tmp, &path->retiring, node)
		forget(cids, cid);
	tquic_range_free(&path->known);
	path->nr_peer = 0;
	path->nr_retiring = 0;
}

static struct tquic_cid_peer *peer_alloc(struct tquic_cid_path *path,
					 const u8 *id, u8 len, u64 seq,
					 gfp_t gfp)
{
	struct tquic_cid_peer *cid;

	if (tquic_range_reserve(&path->known, 1, gfp))
		return NULL;
	cid = kzalloc_obj(*cid, gfp);
	if (!cid)
		return NULL;
	INIT_LIST_HEAD(&cid->link);
	cid->path_id = path->id;
	cid->seq = seq;
	cid->cid.len = len;
	memcpy(cid->cid.id, id, len);
	return cid;
}

static void peer_add(struct tquic_cids *cids, struct tquic_cid_path *path,
		     struct tquic_cid_peer *cid)
{
	insert_by_cid(cids, cid);
	list_by_seq(path, cid);
	tquic_range_insert(&path->known, cid->seq, cid->seq, GFP_NOWAIT);
}

static void use(struct tquic_cids *cids, struct tquic_cid_path *path,
		struct tquic_cid_peer *cid)
{
	cid->used = true;
	path->used = true;
	list_move(&cid->link, &cids->in_use);
	cids->turnover++;
}

/**
 * tquic_cid_peer_init - the peer's first connection ID became known
 * @cids: the set
 * @id: Source Connection ID of the packet by which the peer fixed it (RFC 9000
 *	section 7.2)
 * @len: bytes at @id, at most TQUIC_PKT_CID_MAX; with 0 it remains the only one
 * @gfp: how to allocate
 *
 * Called once.  Packets are sent with it from now on.
 *
 * Return: 0 or -ENOMEM.
 */
int tquic_cid_peer_init(struct tquic_cids *cids, const u8 *id, u8 len,
			gfp_t gfp)
{
	struct tquic_cid_path *path = tquic_cid_path_get(cids, 0, gfp);
	struct tquic_cid_peer *cid;

	if (!path)
		return -ENOMEM;
	cid = peer_alloc(path, id, len, 0, gfp);
	if (!cid)
		return -ENOMEM;
	peer_add(cids, path, cid);
	use(cids, path, cid);
	cids->peer_empty = !len;
	return 0;
}

/**
 * tquic_cid_peer_set_token - the server's transport parameters brought a token
 * @cids: the set
 * @token: stateless_reset_token: that of the first connection ID
 */
void tquic_cid_peer_set_token(struct tquic_cids *cids, const u8 *token)
{
	struct tquic_cid_peer *cid = tquic_cid_peer_find(cids, 0, 0);

	if (!cid)
		return;
	memcpy(cid->token, token, sizeof(cid->token));
	cid->has_token = true;
	cids->turnover++;
}

/*
 * Whether a frame is about a connection ID that was there before: 1 or 0, or
 * -EPROTO when it contradicts what was said of the ID or the number.
 */
static int peer_known(const struct tquic_cids *cids,
		      const struct tquic_cid_path *path,
		      const struct tquic_frame *f, struct tquic_close *close)
{
	const struct tquic_frame_cid *n = &f->new_cid;
	const struct tquic_cid_peer *cid = find_by_cid(cids, n);
	const char *why;

	if (!cid) {
		if (!path || !tquic_range_stale(&path->known, n->seq))
			return 0;
		if (!find_in(&path->peer, n->seq) &&
		    !find_in(&path->retiring, n->seq))
			return 1;
		why = "sequence number of another connection ID";
	} else if (cid->path_id != f->path_id || cid->seq != n->seq) {
		why = "connection ID issued twice";
	} else if (cid->has_token &&
		   memcmp(cid->token, n->token, sizeof(cid->token))) {
		why = "second token for a connection ID";
	} else {
		return 1;
	}
	return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, f->type, why);
}

/*
 * Limits as they would be after the frame: active ones, and those whose
 * retirement the peer did not acknowledge.
 */
static int peer_limits(const struct tquic_cids *cids,
		       const struct tquic_cid_path *path,
		       const struct tquic_frame *f, u64 prior, bool fresh,
		       struct tquic_close *close)
{
	bool active = fresh && f->new_cid.seq >= prior;
	const struct tquic_cid_peer *cid;
	unsigned int below = 0;

	list_for_each_entry(cid, &path->peer, node)
		below += cid->seq < prior;
	if (path->nr_peer - below + active > cids->local_limit)
		return tquic_close_set(close, TQUIC_CONNECTION_ID_LIMIT_ERROR,
				       f->type, "too many connection IDs");
	below += fresh && !active;
	if (path->nr_retiring + below > 2 * cids->local_limit)
		return tquic_close_set(close, TQUIC_CONNECTION_ID_LIMIT_ERROR,
				       f->type, "too many retired at once");
	return 0;
}

/* retire what the peer wants retired; whether one of them was in use */
static bool peer_retire_below(struct tquic_cids *cids,
			      struct tquic_cid_path *path, u64 prior)
{
	struct tquic_cid_peer *cid, *tmp;
	bool used = false;

	path->peer_prior = prior;
	list_for_each_entry_safe(cid, tmp, &path->peer, node) {
		if (cid->seq >= prior)
			break;
		used |= cid->used;
		retire(cids, path, cid);
	}
	return used;
}

/**
 * tquic_cid_peer_recv - the peer issued a connection ID
 * @cids: the set
 * @f: NEW_CONNECTION_ID or PATH_NEW_CONNECTION_ID as it was decoded.  The
 *	connection ID of preferred_address is given as NEW_CONNECTION_ID with
 *	sequence number 1.
 * @gfp: how to allocate
 * @close: filled when the peer broke the protocol
 *
 * Return: 0; 1 when connection IDs in use were retired and have to be replaced
 * before anything is sent, see tquic_cid_peer_find(); -EPROTO; -ENOMEM with the
 * frame not processed.
 */
int tquic_cid_peer_recv(struct tquic_cids *cids, const struct tquic_frame *f,
			gfp_t gfp, struct tquic_close *close)
{
	const struct tquic_frame_cid *n = &f->new_cid;
	struct tquic_cid_peer *cid = NULL;
	struct tquic_cid_path *path;
	bool used;
	u64 prior;
	int err;

	err = tquic_cid_path_check(cids, f, close);
	if (err <= 0)
		return err;
	if (cids->peer_empty)
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, f->type,
				       "connection ID beside an empty one");
	path = tquic_cid_path_find(cids, f->path_id);
	if (path && path->abandoned)
		return 0;
	err = peer_known(cids, path, f, close);
	if (err < 0)
		return err;
	path = tquic_cid_path_get(cids, f->path_id, gfp);
	if (!path)
		return -ENOMEM;
	if (!err) {
		cid = peer_alloc(path, n->cid, n->cid_len, n->seq, gfp);
		if (!cid)
			return -ENOMEM;
		memcpy(cid->token, n->token, sizeof(cid->token));
		cid->has_token = true;
	}
	prior = max(path->peer_prior, n->retire_prior_to);
	err = peer_limits(cids, path, f, prior, cid, close);
	if (err) {
		kfree(cid);
		return err;
	}
	used = peer_retire_below(cids, path, prior);
	if (cid)
		peer_add(cids, path, cid);
	if (cid && cid->seq < prior)
		retire(cids, path, cid);
	return used;
}

/**
 * tquic_cid_peer_take - choose a connection ID for a path or an address
 * @cids: the set
 * @path_id: the path
 *
 * Return: one that was not used before, from now on in use until it is retired;
 * the empty one again when the peer has that; NULL when none is left.
 */
struct tquic_cid_peer *tquic_cid_peer_take(struct tquic_cids *cids,
					   u64 path_id)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);
	struct tquic_cid_peer *cid;

	if (!path)
		return NULL;
	list_for_each_entry(cid, &path->peer, node) {
		if (cid->used && cid->cid.len)
			continue;
		use(cids, path, cid);
		return cid;
	}
	return NULL;
}

/**
 * tquic_cid_peer_find - look a connection ID up
 * @cids: the set
 * @path_id: its path
 * @seq: its sequence number
 *
 * Return: the connection ID, or NULL once it is retired.
 */
struct tquic_cid_peer *tquic_cid_peer_find(const struct tquic_cids *cids,
					   u64 path_id, u64 seq)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);

	return path ? find_in(&path->peer, seq) : NULL;
}

/**
 * tquic_cid_peer_blocked - is there no connection ID left to take
 * @cids: the set
 * @path_id: path that needs one
 * @f: filled if so: PATH_CIDS_BLOCKED
 *
 * Return: whether all that the peer issued for the path are used, and the path
 * may be used by both endpoints.
 */
bool tquic_cid_peer_blocked(const struct tquic_cids *cids, u64 path_id,
			    struct tquic_frame *f)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);
	const struct tquic_cid_peer *cid;
	u64 next = 0;

	if (path_id > min(cids->local_max_path, cids->peer_max_path) ||
	    tquic_range_contains(&cids->gone, path_id, path_id) ||
	    cids->peer_empty)
		return false;
	if (path) {
		list_for_each_entry(cid, &path->peer, node)
			if (!cid->used)
				return false;
		if (path->abandoned)
			return false;
		if (path->known.top)
			next = path->known.top->last + 1;
	}
	*f = (struct tquic_frame){
		.type = TQUIC_FRAME_PATH_CIDS_BLOCKED,
		.path_id = path_id,
		.path_cids_blocked.next_seq = next,
	};
	return true;
}

/**
 * tquic_cid_peer_retire - give a connection ID back
 * @cids: the set
 * @path_id: its path
 * @seq: its sequence number
 *
 * It is not to be sent with any more, and asks the peer for another one.
 *
 * Return: 0; -ENOENT when it is not there; -EINVAL for the empty one; -EBUSY
 * while the peer has too many retirements to acknowledge.
 */
int tquic_cid_peer_retire(struct tquic_cids *cids, u64 path_id, u64 seq)
{
	struct tquic_cid_peer *cid = tquic_cid_peer_find(cids, path_id, seq);
	struct tquic_cid_path *path;

	if (!cid)
		return -ENOENT;
	if (cids->peer_empty)
		return -EINVAL;
	path = tquic_cid_path_find(cids, path_id);
	/* half of the bound is left to the peer's own wishes */
	if (path->nr_retiring >= cids->local_limit)
		return -EBUSY;
	retire(cids, path, cid);
	return 0;
}

/**
 * tquic_cid_peer_retire_next - the next retirement to be told to the peer
 * @cids: the set
 * @multipath: with the frame of the multipath extension
 * @f: filled: the frame, for a packet to another connection ID than this
 *
 * tquic_cid_peer_retire_sent() takes it off the list.
 *
 * Return: whether there is one.
 */
bool tquic_cid_peer_retire_next(struct tquic_cids *cids, bool multipath,
				struct tquic_frame *f)
{
	const struct tquic_cid_peer *cid;

	cid = list_first_entry_or_null(&cids->retire, struct tquic_cid_peer,
				       link);
	if (!cid)
		return false;
	*f = (struct tquic_frame){
		.type = multipath ? TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID :
				    TQUIC_FRAME_RETIRE_CONNECTION_ID,
		.path_id = cid->path_id,
		.retire_cid.seq = cid->seq,
	};
	return true;
}

/**
 * tquic_cid_peer_retire_sent - a retirement was sent
 * @cids: the set
 * @path_id: path of the connection ID
 * @seq: its sequence number
 */
void tquic_cid_peer_retire_sent(struct tquic_cids *cids, u64 path_id, u64 seq)
{
	struct tquic_cid_peer *cid = find_retiring(cids, path_id, seq);

	if (cid)
		list_del_init(&cid->link);
}

/**
 * tquic_cid_peer_retire_acked - a packet with a retirement was acknowledged
 * @cids: the set
 * @path_id: path of the connection ID
 * @seq: its sequence number
 */
void tquic_cid_peer_retire_acked(struct tquic_cids *cids, u64 path_id, u64 seq)
{
	struct tquic_cid_peer *cid = find_retiring(cids, path_id, seq);

	if (!cid)
		return;
	tquic_cid_path_find(cids, path_id)->nr_retiring--;
	forget(cids, cid);
}

/**
 * tquic_cid_peer_retire_lost - a packet with a retirement was lost
 * @cids: the set
 * @path_id: path of the connection ID
 * @seq: its sequence number
 */
void tquic_cid_peer_retire_lost(struct tquic_cids *cids, u64 path_id, u64 seq)
{
	struct tquic_cid_peer *cid = find_retiring(cids, path_id, seq);

	if (cid)
		list_move(&cid->link, &cids->retire);
}

/**
 * tquic_cid_peer_is_reset - whether a datagram is a stateless reset
 * @cids: the set
 * @token: what tquic_reset_token() found in it
 *
 * Takes the same time for every token that is not ours.  Only connection IDs in
 * use count: neither unused nor retired ones (RFC 9000 section 10.3.1).
 *
 * Return: true if the connection has to be drained.
 */
bool tquic_cid_peer_is_reset(const struct tquic_cids *cids, const u8 *token)
{
	const struct tquic_cid_peer *cid;
	bool found = false;
	unsigned int i, diff;

	list_for_each_entry(cid, &cids->in_use, link) {
		diff = !cid->has_token;
		for (i = 0; i < TQUIC_RESET_TOKEN_LEN; i++) {
			diff |= cid->token[i] ^ token[i];
			OPTIMIZER_HIDE_VAR(diff);
		}
		found |= !diff;
	}
	return found;
}
