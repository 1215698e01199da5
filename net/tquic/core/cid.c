// SPDX-License-Identifier: GPL-2.0
/*
 * Connection IDs: the paths that they belong to, from first use to deletion.
 */
#include "cid.h"

/**
 * tquic_cid_init - begin with no path and no connection ID
 * @cids: the set
 * @local_limit: the active_connection_id_limit that the peer is told, from
 *	TQUIC_CID_LIMIT_MIN to TQUIC_CID_ACTIVE_MAX
 *
 * Only path 0 is allowed either way until the handshake says more.
 */
void tquic_cid_init(struct tquic_cids *cids, u8 local_limit)
{
	*cids = (struct tquic_cids){
		.paths = RB_ROOT,
		.by_cid = RB_ROOT,
		.local_limit = local_limit,
		.peer_limit = TQUIC_CID_LIMIT_MIN,
	};
	tquic_range_init(&cids->gone, TQUIC_RANGE_NO_LIMIT);
	INIT_LIST_HEAD(&cids->wanting);
	INIT_LIST_HEAD(&cids->announce);
	INIT_LIST_HEAD(&cids->expiring);
	INIT_LIST_HEAD(&cids->retire);
	INIT_LIST_HEAD(&cids->in_use);
}

static int cmp_path(const void *key, const struct rb_node *node)
{
	u64 id = rb_entry(node, struct tquic_cid_path, node)->id;
	u64 want = *(const u64 *)key;

	return want < id ? -1 : want > id;
}

/* NULL when nothing is known of the path, or nothing any more */
struct tquic_cid_path *tquic_cid_path_find(const struct tquic_cids *cids,
					   u64 path_id)
{
	struct rb_node *node = rb_find(&path_id, &cids->paths, cmp_path);

	return node ? rb_entry(node, struct tquic_cid_path, node) : NULL;
}

static void path_insert(struct tquic_cids *cids, struct tquic_cid_path *path)
{
	struct rb_node **link = &cids->paths.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (cmp_path(&path->id, parent) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&path->node, parent, link);
	rb_insert_color(&path->node, &cids->paths);
	cids->nr_paths++;
}

/*
 * The path, made if need be, or NULL without memory.  Must not be called for
 * path IDs in @gone.  For each path the memory to remember its end is taken
 * here, since an end must not fail.
 */
struct tquic_cid_path *tquic_cid_path_get(struct tquic_cids *cids, u64 path_id,
					  gfp_t gfp)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);

	if (path)
		return path;
	if (tquic_range_reserve(&cids->gone, cids->nr_paths + 1, gfp))
		return NULL;
	path = kzalloc_obj(*path, gfp);
	if (!path)
		return NULL;
	path->id = path_id;
	INIT_LIST_HEAD(&path->want);
	INIT_LIST_HEAD(&path->local);
	INIT_LIST_HEAD(&path->peer);
	INIT_LIST_HEAD(&path->retiring);
	tquic_range_init(&path->known, TQUIC_CID_KNOWN_RANGES);
	path_insert(cids, path);
	return path;
}

static void review_all(struct tquic_cids *cids)
{
	struct rb_node *node;

	for (node = rb_first(&cids->paths); node; node = rb_next(node))
		tquic_cid_local_review(cids, rb_entry(node,
						      struct tquic_cid_path,
						      node));
}

/**
 * tquic_cid_set_peer - note the peer's transport parameters
 * @cids: the set
 * @limit: active_connection_id_limit, at least TQUIC_CID_LIMIT_MIN
 * @max_path: initial_max_path_id, 0 without the multipath extension
 */
void tquic_cid_set_peer(struct tquic_cids *cids, u64 limit, u64 max_path)
{
	cids->peer_limit = min_t(u64, limit, TQUIC_CID_ACTIVE_MAX);
	cids->peer_first_max = max_path;
	cids->peer_max_path = max_path;
	review_all(cids);
}

/**
 * tquic_cid_raise_max_path - allow the peer more path IDs
 * @cids: the set
 * @max_path: what initial_max_path_id or MAX_PATH_ID announces; raised by one
 *	for each path that was deleted, it keeps the number of paths constant
 */
void tquic_cid_raise_max_path(struct tquic_cids *cids, u64 max_path)
{
	cids->local_max_path = max(cids->local_max_path, max_path);
}

/**
 * tquic_cid_recv_max_path - the peer sent MAX_PATH_ID
 * @cids: the set
 * @f: the frame
 * @close: filled when the peer broke the protocol
 *
 * Return: 0 or -EPROTO.
 */
int tquic_cid_recv_max_path(struct tquic_cids *cids,
			    const struct tquic_frame *f,
			    struct tquic_close *close)
{
	if (f->path_id < cids->peer_first_max)
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, f->type,
				       "path ID limit below the first");
	cids->peer_max_path = max(cids->peer_max_path, f->path_id);
	return 0;
}

/**
 * tquic_cid_path_check - may a frame be processed that names a path
 * @cids: the set
 * @f: the frame; PATHS_BLOCKED included, whose limit has to obey the same rule
 * @close: filled when the peer broke the protocol
 *
 * Return: 1 if so; 0 when the path was deleted and the frame is to be ignored;
 * -EPROTO when the peer was not allowed to use this path ID.
 */
int tquic_cid_path_check(const struct tquic_cids *cids,
			 const struct tquic_frame *f,
			 struct tquic_close *close)
{
	if (f->path_id > cids->local_max_path)
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, f->type,
				       "path ID above the limit");
	return !tquic_range_contains(&cids->gone, f->path_id, f->path_id);
}

/**
 * tquic_cid_path_ready - find a path ID on which a path can be opened
 * @cids: the set
 * @path_id: set to the lowest one that is unused and for which both endpoints
 *	have issued connection IDs
 *
 * Return: whether there is one.
 */
bool tquic_cid_path_ready(const struct tquic_cids *cids, u64 *path_id)
{
	struct tquic_cid_path *path;
	struct rb_node *node;

	for (node = rb_first(&cids->paths); node; node = rb_next(node)) {
		path = rb_entry(node, struct tquic_cid_path, node);
		if (path->used || path->abandoned || !path->nr_peer ||
		    !path->nr_local || !path->local_sent)
			continue;
		*path_id = path->id;
		return true;
	}
	return false;
}

/**
 * tquic_cid_path_unused - the path ID to be used next
 * @cids: the set
 *
 * Return: the lowest one that was not used, allowed or not.
 */
u64 tquic_cid_path_unused(const struct tquic_cids *cids)
{
	struct tquic_cid_path *path;
	u64 id = 0;

	/* at most as many steps as there are paths */
	for (;;) {
		id = tquic_range_gap(&cids->gone, id);
		path = tquic_cid_path_find(cids, id);
		if (!path || (!path->used && !path->abandoned))
			return id;
		id++;
	}
}

/**
 * tquic_cid_path_abandon - PATH_ABANDON was sent or received
 * @cids: the set
 * @path_id: the path, used or not; the peer may only name one that
 *	tquic_cid_path_check() lets pass
 * @gfp: how to allocate
 *
 * What the peer issued for the path is retired at once, without frames.  What
 * was issued to the peer is accepted until tquic_cid_path_delete(), due three
 * PTOs after the peer's PATH_ABANDON.  Nothing changes when it is called
 * again, or for a deleted path.
 *
 * Return: 0, or -ENOMEM with nothing changed.
 */
int tquic_cid_path_abandon(struct tquic_cids *cids, u64 path_id, gfp_t gfp)
{
	struct tquic_cid_local *cid;
	struct tquic_cid_path *path;

	if (tquic_range_contains(&cids->gone, path_id, path_id))
		return 0;
	path = tquic_cid_path_get(cids, path_id, gfp);
	if (!path)
		return -ENOMEM;
	path->abandoned = true;
	list_for_each_entry(cid, &path->local, node)
		list_del_init(&cid->tx);
	tquic_cid_peer_drop_all(cids, path);
	tquic_cid_local_review(cids, path);
	return 0;
}

/**
 * tquic_cid_path_delete - forget a path for good
 * @cids: the set
 * @path_id: the path; nothing happens when it is not known
 *
 * tquic_cid_local_reap() answers its connection IDs from now on.
 */
void tquic_cid_path_delete(struct tquic_cids *cids, u64 path_id)
{
	struct tquic_cid_path *path = tquic_cid_path_find(cids, path_id);

	if (!path)
		return;
	tquic_cid_local_drop_all(cids, path);
	tquic_cid_peer_drop_all(cids, path);
	list_del(&path->want);
	rb_erase(&path->node, &cids->paths);
	cids->nr_paths--;
	tquic_range_insert(&cids->gone, path_id, path_id, GFP_NOWAIT);
	tquic_range_reserve(&cids->gone, cids->nr_paths, GFP_NOWAIT);
	kfree(path);
}

/**
 * tquic_cid_exit - the connection ends
 * @cids: the set
 *
 * The caller then calls tquic_cid_local_reap() with TQUIC_TIME_NEVER until it
 * has all its entries back; no memory is left.
 */
void tquic_cid_exit(struct tquic_cids *cids)
{
	struct rb_node *node;

	while ((node = rb_first(&cids->paths)))
		tquic_cid_path_delete(cids, rb_entry(node,
						     struct tquic_cid_path,
						     node)->id);
	tquic_range_free(&cids->gone);
}
