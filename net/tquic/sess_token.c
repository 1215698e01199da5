// SPDX-License-Identifier: GPL-2.0
/*
 * Tokens of NEW_TOKEN frames, kept by a client for its next connection to the
 * same server: RFC 9000 section 8.1.3.
 *
 * A token tells the server that it has met us before.  So each is used once,
 * and only by whoever it was given to: the same user with the same name for
 * the server and for himself.
 */
#include <linux/siphash.h>
#include <linux/slab.h>

#include "net.h"
#include "sess_priv.h"

/* of a namespace, of which so many for the same server */
#define TQUIC_KEPT_MAX		64
#define TQUIC_KEPT_SAME		4
/* the server does not say for how long it takes them */
#define TQUIC_KEPT_LIFE		(86400 * TQUIC_NS_PER_SEC)

static siphash_aligned_key_t tquic_kept_key __read_mostly;

static u64 tquic_kept_who(const struct tquic_cred *cred)
{
	u64 who = from_kuid(&init_user_ns, cred->uid);

	net_get_random_once(&tquic_kept_key, sizeof(tquic_kept_key));
	who ^= siphash(cred->peername, sizeof(cred->peername),
		       &tquic_kept_key);
	who = siphash_2u64(who, siphash(cred->identity,
					sizeof(cred->identity),
					&tquic_kept_key), &tquic_kept_key);
	return siphash_2u64(who, siphash(cred->profile, sizeof(cred->profile),
					 &tquic_kept_key), &tquic_kept_key);
}

/* By the connection's parameters; the rest stays as it is. */
static void tquic_kept_label(struct tquic_kept *kept,
			     const struct tquic_cred *cred, u32 version,
			     const struct tquic_tuple *tuple)
{
	kept->who = cred ? tquic_kept_who(cred) : 0;
	kept->version = version;
	kept->port = tuple->remote_port;
	memcpy(kept->addr, tuple->remote, sizeof(kept->addr));
}

static bool tquic_kept_same(const struct tquic_kept *a,
			    const struct tquic_kept *b)
{
	return a->who == b->who && a->version == b->version &&
	       a->port == b->port && !memcmp(a->addr, b->addr,
					     sizeof(a->addr));
}

static void tquic_kept_drop(struct tquic_kept_net *kn, struct tquic_kept *kept)
{
	list_del(&kept->node);
	kn->count--;
	kfree_sensitive(kept);
}

/* The oldest goes: of the same kind first, if there are many. */
static void tquic_kept_add(struct tquic_kept_net *kn, struct tquic_kept *kept)
{
	struct tquic_kept *old, *same = NULL;
	unsigned int n = 0;

	spin_lock_bh(&kn->lock);
	list_for_each_entry(old, &kn->list, node) {
		if (!tquic_kept_same(old, kept))
			continue;
		same = same ?: old;
		n++;
	}
	if (n >= TQUIC_KEPT_SAME)
		tquic_kept_drop(kn, same);
	else if (kn->count >= TQUIC_KEPT_MAX)
		tquic_kept_drop(kn, list_first_entry(&kn->list,
						     struct tquic_kept, node));
	list_add_tail(&kept->node, &kn->list);
	kn->count++;
	spin_unlock_bh(&kn->lock);
}

/**
 * tquic_sess_keep_tokens - the server gave tokens
 * @sess: session of a client; the lock is held
 *
 * Without memory they are lost, which costs a round trip at most.
 */
void tquic_sess_keep_tokens(struct tquic_sess *sess)
{
	const struct tquic_path *path = tquic_conn_path(sess->core, 0);
	struct tquic_kept *kept;
	u8 *buf;
	u32 len;

	buf = kmalloc(TQUIC_TOKEN_MAX, GFP_KERNEL);
	if (!buf)
		return;
	while ((len = tquic_conn_take_token(sess->core, buf))) {
		kept = path ? kzalloc(struct_size(kept, data, len),
				      GFP_KERNEL) : NULL;
		if (!kept)
			continue;
		kept->len = len;
		memcpy(kept->data, buf, len);
		kept->expires = ktime_get_boottime_ns() + TQUIC_KEPT_LIFE;
		tquic_kept_label(kept, sess->config.cred, sess->core->version,
				 &path->tuple);
		tquic_kept_add(&sess->tn->kept, kept);
	}
	kfree_sensitive(buf);
}

/**
 * tquic_kept_take - a token for a connection that is to begin
 * @tn: namespace
 * @cred: of the client
 * @version: of its first packet: RFC 9369 section 5
 * @tuple: its addresses
 *
 * Return: the newest, to be freed by kfree_sensitive(); NULL for none.
 */
struct tquic_kept *tquic_kept_take(struct tquic_net *tn,
				   const struct tquic_cred *cred, u32 version,
				   const struct tquic_tuple *tuple)
{
	struct tquic_kept_net *kn = &tn->kept;
	struct tquic_kept *kept, *next, *found = NULL;
	u64 now = ktime_get_boottime_ns();
	struct tquic_kept want;

	tquic_kept_label(&want, cred, version, tuple);
	spin_lock_bh(&kn->lock);
	list_for_each_entry_safe(kept, next, &kn->list, node) {
		if (kept->expires <= now)
			tquic_kept_drop(kn, kept);
		else if (tquic_kept_same(kept, &want))
			found = kept;
	}
	if (found) {
		list_del(&found->node);
		kn->count--;
	}
	spin_unlock_bh(&kn->lock);
	return found;
}

void tquic_kept_init(struct tquic_kept_net *kn)
{
	spin_lock_init(&kn->lock);
	INIT_LIST_HEAD(&kn->list);
}

/* After the last session. */
void tquic_kept_exit(struct tquic_kept_net *kn)
{
	struct tquic_kept *kept, *next;

	list_for_each_entry_safe(kept, next, &kn->list, node)
		tquic_kept_drop(kn, kept);
}
