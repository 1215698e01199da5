// SPDX-License-Identifier: GPL-2.0
/*
 * Connections of the kernel's with each other.  The module runs the test when
 * it is loaded, in the network namespace of who loads it, and is refused if the
 * test fails.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "listen.h"
#include "test.h"

#define ST_PORT		4433
#define ST_CODE		7	/* what the client closes with */

static unsigned int conns = 1;
module_param(conns, uint, 0);
MODULE_PARM_DESC(conns, "connections at a time");

static unsigned int mb = 10;
module_param(mb, uint, 0);
MODULE_PARM_DESC(mb, "MiB that each client sends");

static unsigned int seconds = 60;
module_param(seconds, uint, 0);
MODULE_PARM_DESC(seconds, "how long it may take");

static int server_pid;
module_param(server_pid, int, 0);
MODULE_PARM_DESC(server_pid, "process in whose network namespace the server is");

static char *remote = "127.0.0.1";
module_param(remote, charp, 0);
MODULE_PARM_DESC(remote, "IPv4 or IPv6 address of the server");

static char *second;
module_param(second, charp, 0);
MODULE_PARM_DESC(second, "address of the server for a second path");

static unsigned int updates;
module_param(updates, uint, 0);
MODULE_PARM_DESC(updates, "key updates");

static unsigned int retry;
module_param(retry, uint, 0);
MODULE_PARM_DESC(retry, "enum tquic_retry of the server");

static unsigned int least;
module_param(least, uint, 0);
MODULE_PARM_DESC(least, "per cent of the bytes that each path has to carry");

static bool abandon;
module_param(abandon, bool, 0);
MODULE_PARM_DESC(abandon, "leave connections that cannot end: for their namespace's end");

static char *cc = "";
module_param(cc, charp, 0);
MODULE_PARM_DESC(cc, "congestion control");

static char *counts = "";
module_param(counts, charp, 0);
MODULE_PARM_DESC(counts, "counters that the test has to move, with commas");

static unsigned int fail;
module_param(fail, uint, 0);
MODULE_PARM_DESC(fail, "of so many batches one cannot be allocated, a few times");

static LIST_HEAD(st_ends);
static DEFINE_MUTEX(st_mutex);

static void st_closed(struct tquic_sess *sess)
{
	struct st_end *end = sess->owner;

	if (end)
		end->ended = true;
}

static const struct tquic_sess_ops st_ops = {
	.streams = st_app_read,
	.closed = st_closed,
};

static void st_config(struct tquic_sess_config *config)
{
	*config = (struct tquic_sess_config){
		.ops = &st_ops,
		.wmem = 4 << 20,
		.rmem = 4 << 20,
		.idle_timeout = 30000,
		.handshake_timeout = 10000,
		.streams = 100,
		.streams_uni = 100,
		.paths = 4,
		.dgrams = true,
	};
	strscpy(config->cc, cc, sizeof(config->cc));
}

static int st_incoming(struct tquic_listener *l,
		       struct tquic_sess_config *config)
{
	st_config(config);
	return 0;
}

static int st_accept(struct tquic_listener *l, struct tquic_sess *sess)
{
	struct st_end *end;

	mutex_lock(&st_mutex);
	list_for_each_entry(end, &st_ends, node)
		if (end->sess == sess)
			end->owned = true;
	mutex_unlock(&st_mutex);
	return 0;
}

static const struct tquic_listen_ops st_listen_ops = {
	.incoming = st_incoming,
	.accept = st_accept,
};

/* In place of the agent: takes part in every handshake. */
static int st_handshake(struct tquic_sess *sess)
{
	struct st_end *end = kzalloc(sizeof(*end), GFP_KERNEL);

	if (!end)
		return -ENOMEM;
	end->sess = tquic_sess_get(sess);
	end->server = sess->core->server;
	end->owned = !end->server;
	tquic_sess_lock(sess);
	sess->owner = end;
	tquic_sess_unlock(sess);
	mutex_lock(&st_mutex);
	list_add_tail(&end->node, &st_ends);
	mutex_unlock(&st_mutex);
	return 0;
}

static int st_tuple(const char *text, struct tquic_tuple *tuple)
{
	*tuple = (struct tquic_tuple){ .remote_port = ST_PORT };
	if (in6_pton(text, -1, tuple->remote, -1, NULL))
		return 0;
	tuple->remote[10] = 0xff;
	tuple->remote[11] = 0xff;
	return in4_pton(text, -1, tuple->remote + 12, -1, NULL) ? 0 : -EINVAL;
}

static void st_second_path(struct st_end *end)
{
	struct tquic_tuple tuple;
	int id;

	if (!second || end->extra || end->server || !end->done ||
	    st_tuple(second, &tuple))
		return;
	tquic_sess_lock(end->sess);
	id = tquic_sess_add_path(end->sess, &tuple);
	tquic_sess_unlock(end->sess);
	if (id >= 0)
		end->extra++;
	else if (id != -EAGAIN && id != -ENOTCONN)
		pr_info("second path: %d\n", id);
}

/* How much may be written before the next key update. */
static u64 st_bound(const struct st_end *end)
{
	u64 bytes = (u64)mb << 20;

	return end->updates < updates ?
	       div_u64(bytes, updates + 1) * (end->updates + 1) : bytes;
}

static void st_update(struct st_end *end)
{
	if (end->server || end->updates >= updates ||
	    end->sent < st_bound(end))
		return;
	tquic_sess_lock(end->sess);
	if (!tquic_conn_key_update(end->sess->core, ktime_get_ns()))
		end->updates++;
	tquic_sess_unlock(end->sess);
}

/* A server that has it all lets go, and so does a client that has sent it. */
static void st_leave(struct st_end *end)
{
	if (end->detached || !end->owned ||
	    (!end->ended && !(end->server ? false : end->finished)))
		return;
	end->detached = true;
	tquic_sess_detach(end->sess, ST_CODE, true, 20ULL * NSEC_PER_SEC);
}

/*
 * Whether all have shaken hands: before, nobody writes, since whoever writes
 * sends, and this one thread does it for all.
 */
static bool st_met(void)
{
	unsigned int done = 0;
	struct st_end *end;

	list_for_each_entry(end, &st_ends, node) {
		st_fake_turn(end);
		done += end->done || end->failed;
		/* it will not meet anybody */
		if (end->ended && !end->done)
			return true;
	}
	return done == 2 * conns;
}

/* Returns whether all is over. */
static bool st_turn(void)
{
	struct st_end *end, *next;
	bool over = true;

	if (!st_met())
		return false;
	list_for_each_entry_safe(end, next, &st_ends, node) {
		if (!end->server)
			st_app_write(end, st_bound(end), (u64)mb << 20);
		st_second_path(end);
		st_update(end);
		st_leave(end);
		over &= end->detached && READ_ONCE(end->sess->told);
	}
	return over;
}

static void st_report_paths(const struct st_end *end)
{
	const struct tquic_path *path;

	list_for_each_entry(path, &end->sess->core->paths, node)
		pr_info("%s path %u: sent %llu got %llu lost %llu mds %u rtt %llu us gens %u,%u\n",
			end->server ? "server" : "client", path->id,
			path->sent_bytes, path->recv_bytes, path->lost_packets,
			path->mds, path->rtt.smoothed / NSEC_PER_USEC,
			end->sess->core->keys.tx, end->sess->core->keys.rx);
}

static bool st_path_idle(const struct st_end *end)
{
	const struct tquic_path *path;
	unsigned int n = 0;

	list_for_each_entry(path, &end->sess->core->paths, node) {
		n++;
		if (path->recv_bytes < (((u64)mb << 20) / 100) * least)
			return true;
	}
	return least && n < (second ? 2 : 1);
}

static int st_judge_one(const struct st_end *end)
{
	const struct tquic_conn *core = end->sess->core;

	if (end->failed)
		return -EPROTO;
	if (!end->server)
		return !end->done ? -ENOTCONN :
		       end->updates < updates ? -EAGAIN : 0;
	if (end->got != (u64)mb << 20 || end->bad || !end->eof)
		return -EBADMSG;
	if (!core->remote_app || core->remote_close.code != ST_CODE)
		return -ECONNRESET;
	if (updates && core->keys.rx < updates)
		return -EKEYEXPIRED;
	return least && st_path_idle(end) ? -EHOSTUNREACH : 0;
}

static int st_judge(void)
{
	unsigned int servers = 0;
	struct st_end *end;
	int err = 0, one;

	list_for_each_entry(end, &st_ends, node) {
		one = st_judge_one(end);
		servers += end->server;
		if (conns <= 4 || one)
			st_report_paths(end);
		if (one)
			pr_err("%s: %d: sent %llu got %llu bad %llu eof %d err %d why %d code %llx/%llx %s\n",
			       end->server ? "server" : "client", one,
			       end->sent, end->got, end->bad, end->eof,
			       end->sess->err, end->sess->core->why,
			       end->sess->core->close.code,
			       end->sess->core->remote_close.code,
			       end->sess->core->close.reason ?: "");
		err = err ?: one;
	}
	/* one each: a late copy of a first packet makes no other */
	if (!err && servers != conns)
		err = -ENOLINK;
	return err;
}

static void st_free(u64 linger)
{
	struct st_end *end, *next;

	list_for_each_entry_safe(end, next, &st_ends, node) {
		list_del(&end->node);
		tquic_sess_lock(end->sess);
		end->sess->owner = NULL;
		end->sess->ops = NULL;
		tquic_sess_unlock(end->sess);
		if (end->owned && !end->detached)
			tquic_sess_detach(end->sess, ST_CODE, true, linger);
		tquic_sess_put(end->sess);
		kfree(end);
	}
}

/* Nothing may be left but what says goodbye for a while. */
static int st_wait_gone(struct tquic_net *tn)
{
	unsigned int i;

	for (i = 0; i < 500 && atomic_read(&tn->exist); i++)
		msleep(20);
	if (!atomic_read(&tn->exist) && !atomic64_read(&tn->held))
		return 0;
	pr_err("left: %d sessions, %lld bytes\n", atomic_read(&tn->exist),
	       (long long)atomic64_read(&tn->held));
	return -EBUSY;
}

static int st_connect(struct net *net)
{
	struct tquic_sess_config config;
	struct tquic_tuple tuple;
	struct tquic_sess *sess;
	unsigned int i;

	st_config(&config);
	if (st_tuple(remote, &tuple))
		return -EINVAL;
	for (i = 0; i < conns; i++) {
		sess = tquic_sess_connect(net, &config, &tuple);
		if (IS_ERR(sess))
			return PTR_ERR(sess);
	}
	return 0;
}

static int st_pump(struct net *net)
{
	ktime_t start = ktime_get(), end = ktime_add_ms(start, seconds * 1000);
	bool over = false;
	s64 us;
	int err;

	err = st_connect(net);
	while (!err && !over && ktime_before(ktime_get(), end)) {
		mutex_lock(&st_mutex);
		over = st_turn();
		mutex_unlock(&st_mutex);
		usleep_range(100, 200);
	}
	us = ktime_us_delta(ktime_get(), start);
	mutex_lock(&st_mutex);
	err = err ?: st_judge();
	mutex_unlock(&st_mutex);
	pr_info("%u x %u MiB in %lld us: %llu Mbit/s%s\n", conns, mb, us,
		((u64)conns * mb << 23) / us, over ? "" : ", not over");
	return err ?: over ? err : -ETIMEDOUT;
}

static int st_run(struct net *net, struct net *server_net)
{
	const struct tquic_udp_key key = {
		.port = ST_PORT,
		.v4 = !strchr(remote, ':'),
	};
	int (*agent)(struct tquic_sess *sess) = tquic_sess_handshake;
	struct tquic_listener *l;
	int err;

	tquic_sess_handshake = st_handshake;
	l = tquic_listen_start(server_net, &key, &st_listen_ops, NULL, 1024);
	if (IS_ERR(l)) {
		err = PTR_ERR(l);
		goto out;
	}
	l->retry = retry;
	err = st_pump(net);
	tquic_listen_stop(l);
	st_free(abandon ? 600ULL * NSEC_PER_SEC : 0);
	if (abandon) {
		err = atomic_read(&tquic_net(net)->exist) ? 0 : -ENOLINK;
		goto out;
	}
	if (!err)
		err = st_wait_gone(tquic_net(net));
	if (!err)
		err = st_wait_gone(tquic_net(server_net));
out:
	tquic_sess_handshake = agent;
	return err;
}

/* As st_run(); and the counters that were named have moved. */
static int st_counted(struct net *net, struct net *server_net)
{
	int err;

	err = fail ? st_fault_start(fail) : 0;
	if (err)
		return err;
	st_count_start(net, server_net);
	err = st_run(net, server_net);
	err = st_count_judge(net, server_net, counts) ?: err;
	if (fail)
		st_fault_stop();
	return err;
}

static int __init st_init(void)
{
	struct net *net = current->nsproxy->net_ns, *server_net;
	int err;

	server_net = server_pid ? get_net_ns_by_pid(server_pid) : get_net(net);
	if (IS_ERR(server_net))
		return PTR_ERR(server_net);
	err = st_counted(net, server_net);
	put_net(server_net);
	return err;
}

static void __exit st_exit(void)
{
}

module_init(st_init);
module_exit(st_exit);

MODULE_INFO(import_ns, "TQUIC");
MODULE_DESCRIPTION("TQUIC connections with themselves");
MODULE_LICENSE("GPL");
