// SPDX-License-Identifier: GPL-2.0
/*
 * Which paths the peer is asked to prefer: multipath-21 section 3.3.
 *
 * A backup path takes over when no path that is not one works any more.  The
 * peer may know nothing of that, as who only acknowledges does not: it would go
 * on to spare the one path that works.  So it is told that this path is
 * available and that the broken one is not, until that works again.
 *
 * What is told depends on what was seen here and on what the application wants,
 * and not on what the peer told last: two ends that follow each other would
 * swap roles for ever.
 */
#include "conn_priv.h"

/**
 * struct tquic_status_sum - what works at present
 * @any: some path does
 * @ours: some path that we do not call a backup does
 * @others: there is such a path, working or not
 * @main: some path does that nobody ever called a backup
 * @broken: some such path does not
 */
struct tquic_status_sum {
	bool any;
	bool ours;
	bool others;
	bool main;
	bool broken;
};

static void tquic_status_sum(const struct tquic_conn *conn,
			     struct tquic_status_sum *sum)
{
	const struct tquic_path *path;
	bool works, main;

	*sum = (struct tquic_status_sum){};
	list_for_each_entry(path, &conn->paths, node) {
		if (path->state != TQUIC_PATH_ACTIVE)
			continue;
		works = tquic_path_usable(path);
		main = !path->backup && !path->peer_spare;
		sum->any |= works;
		sum->ours |= works && !path->backup;
		sum->others |= !path->backup;
		sum->main |= works && main;
		sum->broken |= !works && main;
	}
}

/* Paths that were meant to be spared are all that is left. */
static bool tquic_status_relies(const struct tquic_status_sum *sum)
{
	return sum->broken && !sum->main;
}

/* What the peer should hear of a path. */
static bool tquic_status_backup(const struct tquic_path *path,
				const struct tquic_status_sum *sum)
{
	/* with no other path there is nothing to take over from */
	if (path->backup)
		return sum->ours || !sum->others;
	return tquic_status_relies(sum) && !tquic_path_usable(path);
}

static void tquic_status_say(struct tquic_path *path, bool backup)
{
	if (path->status_seq && path->told_backup == backup)
		return;
	path->told_backup = backup;
	path->status_seq++;
	path->pending |= TQUIC_PATH_P_STATUS;
}

/**
 * tquic_status_review - is the peer to be told something else
 * @conn: connection
 *
 * Where nothing works nothing is known to be better than what was said last.
 */
void tquic_status_review(struct tquic_conn *conn)
{
	struct tquic_status_sum sum;
	struct tquic_path *path;
	bool backup;

	if (!conn->multipath)
		return;
	tquic_status_sum(conn, &sum);
	if (!sum.any)
		return;
	list_for_each_entry(path, &conn->paths, node) {
		/* a peer that has not heard of a path would not remember */
		if (path->state != TQUIC_PATH_ACTIVE)
			continue;
		backup = tquic_status_backup(path, &sum);
		/* of whom nothing was said, nothing bad is thought */
		if (backup || path->status_seq ||
		    (path->peer_spare && tquic_status_relies(&sum)))
			tquic_status_say(path, backup);
	}
}

/**
 * tquic_conn_set_backup - say whether the peer should prefer other paths
 * @conn: connection
 * @id: path ID
 * @backup: whether it should
 *
 * Return: 0; -ENOENT; -EOPNOTSUPP without multipath.
 */
int tquic_conn_set_backup(struct tquic_conn *conn, u32 id, bool backup)
{
	struct tquic_path *path = tquic_conn_path(conn, id);

	if (!conn->multipath)
		return -EOPNOTSUPP;
	if (!path || path->state == TQUIC_PATH_CLOSING)
		return -ENOENT;
	path->backup = backup;
	tquic_status_review(conn);
	return 0;
}
