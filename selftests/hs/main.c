// SPDX-License-Identifier: GPL-2.0
/*
 * Handshakes by whatever agent there is.  The module connects to itself when it
 * is loaded, in the network namespace of who loads it, and is refused if the
 * connections do not end up as they are expected to.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/tquic.h>
#include <net/net_namespace.h>

#include "listen.h"
#include "sess.h"

#define HT_PORT		4433
#define HT_ALPN		"\4test"

static unsigned int conns = 1;
module_param(conns, uint, 0);
MODULE_PARM_DESC(conns, "connections at a time");

static unsigned int seconds = 20;
module_param(seconds, uint, 0);
MODULE_PARM_DESC(seconds, "how long it may take");

static unsigned int timeout = 10000;
module_param(timeout, uint, 0);
MODULE_PARM_DESC(timeout, "of a handshake, ms");

static int expect;
module_param(expect, int, 0);
MODULE_PARM_DESC(expect, "errno that clients have to end with, 0 for success");

static unsigned int auth;
module_param(auth, uint, 0);
MODULE_PARM_DESC(auth, "enum tquic_auth of the clients");

static bool early;
module_param(early, bool, 0);
MODULE_PARM_DESC(early, "early data is allowed");

static int resumed = -1;
module_param(resumed, int, 0);
MODULE_PARM_DESC(resumed, "whether sessions have to be resumed, -1 for either");

static char *identity = "";
module_param(identity, charp, 0);
MODULE_PARM_DESC(identity, "of the clients' PSK");

static char *peername = "";
module_param(peername, charp, 0);
MODULE_PARM_DESC(peername, "whom the clients want to meet");

static char *client = "";
module_param(client, charp, 0);
MODULE_PARM_DESC(client, "the clients' profile");

static char *server = "";
module_param(server, charp, 0);
MODULE_PARM_DESC(server, "the server's profile");

static char *known_as = "";
module_param(known_as, charp, 0);
MODULE_PARM_DESC(known_as, "who the server has to find out that clients are");

static bool mismatch;
module_param(mismatch, bool, 0);
MODULE_PARM_DESC(mismatch, "have no ALPN in common");

static unsigned int hold;
module_param(hold, uint, 0);
MODULE_PARM_DESC(hold, "connections are kept for so many ms, in which tickets come");

/**
 * struct ht_end - a client
 * @sess: session
 * @established: the handshake is done
 * @closed: the connection is over
 */
struct ht_end {
	struct tquic_sess *sess;
	bool established;
	bool closed;
};

static struct ht_end *ht_ends;
static struct tquic_sess **ht_kept;
static struct tquic_cred *ht_server;
static atomic_t ht_accepted;
static atomic_t ht_strangers;

static void ht_established(struct tquic_sess *sess)
{
	struct ht_end *end = sess->owner;

	if (end)
		end->established = true;
}

static void ht_closed(struct tquic_sess *sess)
{
	struct ht_end *end = sess->owner;

	if (end)
		end->closed = true;
}

static const struct tquic_sess_ops ht_ops = {
	.established = ht_established,
	.closed = ht_closed,
};

static void ht_config(struct tquic_sess_config *config, struct tquic_cred *cred)
{
	*config = (struct tquic_sess_config){
		.ops = &ht_ops,
		.cred = cred,
		.wmem = 1 << 16,
		.rmem = 1 << 16,
		.idle_timeout = 30000,
		.handshake_timeout = timeout,
		.streams = 10,
		.early = early,
	};
}

static int ht_incoming(struct tquic_listener *l,
		       struct tquic_sess_config *config)
{
	ht_config(config, ht_server);
	return 0;
}

/*
 * A server's user lets go at once, and the client sees the end of it; or it
 * keeps what it has accepted until ht_free().
 */
static int ht_accept(struct tquic_listener *l, struct tquic_sess *sess)
{
	unsigned int n = atomic_inc_return(&ht_accepted);

	if (strcmp(tquic_sess_identity(sess), known_as)) {
		pr_err("server: the client is '%s'\n",
		       tquic_sess_identity(sess));
		atomic_inc(&ht_strangers);
	}
	if (!hold || n > conns)
		return -ECONNABORTED;
	ht_kept[n - 1] = sess;
	return 0;
}

static const struct tquic_listen_ops ht_listen_ops = {
	.incoming = ht_incoming,
	.accept = ht_accept,
};

static struct tquic_cred *ht_cred(const char *profile, const char *alpn)
{
	struct tquic_cred *cred = tquic_cred_new(GFP_KERNEL);

	if (!cred)
		return NULL;
	cred->early = early;
	cred->alpn_len = strlen(alpn);
	memcpy(cred->alpn, alpn, cred->alpn_len);
	strscpy(cred->profile, profile, sizeof(cred->profile));
	return cred;
}

static int ht_connect(struct net *net, struct tquic_cred *cred)
{
	struct tquic_tuple tuple = {
		.remote = { [10] = 0xff, 0xff, 127, 0, 0, 1 },
		.remote_port = HT_PORT,
	};
	struct tquic_sess_config config;
	struct tquic_sess *sess;
	unsigned int i;

	ht_config(&config, cred);
	for (i = 0; i < conns; i++) {
		config.owner = &ht_ends[i];
		sess = tquic_sess_connect(net, &config, &tuple);
		if (IS_ERR(sess))
			return PTR_ERR(sess);
		ht_ends[i].sess = sess;
	}
	return 0;
}

/* Until every client knows; a server that accepted closes. */
static bool ht_over(void)
{
	unsigned int i;

	for (i = 0; i < conns; i++)
		if (!READ_ONCE(ht_ends[i].established) &&
		    !READ_ONCE(ht_ends[i].closed))
			return false;
	return expect || atomic_read(&ht_accepted) == conns;
}

static int ht_judge_one(const struct ht_end *end)
{
	const struct tquic_sess *sess = end->sess;
	bool was = test_bit(TQUIC_SESS_F_RESUMED, &sess->flags);
	int err = end->established ? 0 : sess->err;

	if (conns == 1)
		pr_info("client: %d, alert %u, '%s', peer '%s', ALPN '%s'%s\n",
			err, sess->alert, sess->error,
			tquic_sess_identity(sess), sess->alpn,
			was ? ", resumed" : "");
	if (!end->established && !end->closed)
		return -ETIMEDOUT;
	if (err != -expect || (resumed >= 0 && resumed != was))
		return -EBADMSG;
	return !err && strcmp(sess->alpn, "test") ? -EPROTO : 0;
}

/* The counters of the namespace, for whoever has to find out why. */
static void ht_report(unsigned int wrong)
{
	const struct tquic_net *tn = tquic_net(current->nsproxy->net_ns);
	static const struct {
		unsigned int item;
		const char *text;
	} names[] = {
#define TQUIC_MIB_COUNTER(name, text) { TQUIC_MIB_##name, text },
#include "mib_list.h"
#undef TQUIC_MIB_COUNTER
	};
	unsigned long sum;
	unsigned int i;
	int cpu;

	pr_err("%u clients are not as expected, %d were accepted\n", wrong,
	       atomic_read(&ht_accepted));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		sum = 0;
		for_each_possible_cpu(cpu)
			sum += per_cpu_ptr(tn->mib, cpu)->item[names[i].item];
		if (sum)
			pr_err("%s %lu\n", names[i].text, sum);
	}
}

static int ht_judge(void)
{
	unsigned int i, wrong = 0;
	int err = 0, one;

	for (i = 0; i < conns; i++) {
		one = ht_judge_one(&ht_ends[i]);
		wrong += !!one;
		err = err ?: one;
	}
	if (wrong)
		ht_report(wrong);
	return err ?: atomic_read(&ht_strangers) ? -EBADE : 0;
}

static void ht_free(void)
{
	struct tquic_sess *sess;
	unsigned int i;

	for (i = 0; i < conns; i++) {
		sess = ht_ends[i].sess;
		if (sess)
			tquic_sess_detach(sess, 0, true, 0);
		sess = ht_kept[i];
		if (sess)
			tquic_sess_detach(sess, 0, true, 0);
	}
}

static int ht_pump(struct net *net, struct tquic_cred *cred)
{
	ktime_t start = ktime_get();
	ktime_t end = ktime_add_ms(start, seconds * 1000);
	int err = ht_connect(net, cred);

	/* what connect() itself says may be what is expected */
	if (err) {
		pr_info("connect: %d\n", err);
		return err == -expect ? 0 : err;
	}
	while (!ht_over() && ktime_before(ktime_get(), end))
		usleep_range(500, 1000);
	pr_info("%u in %lld us\n", conns, ktime_us_delta(ktime_get(), start));
	if (hold)
		msleep(hold);
	return ht_judge();
}

static int ht_run(struct net *net, struct tquic_cred *cred)
{
	const struct tquic_udp_key key = { .port = HT_PORT, .v4 = true };
	struct tquic_listener *l;
	unsigned int i;
	int err;

	l = tquic_listen_start(net, &key, &ht_listen_ops, NULL, 4096);
	if (IS_ERR(l))
		return PTR_ERR(l);
	err = ht_pump(net, cred);
	tquic_listen_stop(l);
	ht_free();
	for (i = 0; i < 3000 && atomic_read(&tquic_net(net)->exist); i++)
		msleep(20);
	return err ?: atomic_read(&tquic_net(net)->exist) ? -EBUSY : 0;
}

static int __init ht_init(void)
{
	struct tquic_cred *cred = ht_cred(client, HT_ALPN);
	int err = -ENOMEM;

	ht_server = ht_cred(server, mismatch ? "\4else" : HT_ALPN);
	ht_ends = kvcalloc(conns, sizeof(*ht_ends), GFP_KERNEL);
	ht_kept = kvcalloc(conns, sizeof(*ht_kept), GFP_KERNEL);
	if (cred && ht_server && ht_ends && ht_kept) {
		cred->auth = auth;
		strscpy(cred->identity, identity, sizeof(cred->identity));
		strscpy(cred->peername, peername, sizeof(cred->peername));
		err = ht_run(current->nsproxy->net_ns, cred);
	}
	kvfree(ht_ends);
	kvfree(ht_kept);
	tquic_cred_put(cred);
	tquic_cred_put(ht_server);
	return err;
}

static void __exit ht_exit(void)
{
}

module_init(ht_init);
module_exit(ht_exit);

MODULE_INFO(import_ns, "TQUIC");
MODULE_DESCRIPTION("TQUIC handshakes by an agent");
MODULE_LICENSE("GPL");
