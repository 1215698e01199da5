// SPDX-License-Identifier: GPL-2.0
/*
 * A tunnel for tests of tquic_nf.ko.  A program opens transparent sockets and
 * gives them to /proc/tquic_nf_test, one line for a command:
 *
 *   name NAME     there is a tunnel of this name in this network namespace
 *   up, down      its session
 *   tcp4 FD       listener of a family and protocol; tcp6, udp4, udp6 likewise
 *   forget        no flow is known any more
 *
 * Reading tells what has been captured: "PROTOCOL PORT CLASS" of each flow.
 */
#include <linux/file.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "nf.h"

#define TEST_FLOWS	64
#define TEST_ID		7
#define TEST_PATHS	3

/**
 * struct test_flow - a flow that was claimed
 * @key: addresses and ports
 * @class: that the rule said
 */
struct test_flow {
	struct tquic_nf_flow key;
	int class;
};

static DEFINE_SPINLOCK(test_lock);	/* protects everything below */
static struct test_flow test_flows[TEST_FLOWS];
static unsigned int test_nflows;
static struct socket *test_socks[4];	/* set before rules exist */
static struct net *test_net;		/* compared only */
static char test_name[TQUIC_NF_NAME_MAX];
static bool test_is_up;

static const char * const test_kinds[] = { "tcp4", "udp4", "tcp6", "udp6" };

static u32 test_find(struct net *net, const char *name)
{
	if (net != READ_ONCE(test_net) || (name && strcmp(name, test_name)))
		return 0;
	return TEST_ID;
}

static bool test_up(struct net *net, u32 tunnel)
{
	return READ_ONCE(test_is_up);
}

static struct sock *test_listener(struct net *net, u32 tunnel, u8 family,
				  u8 protocol)
{
	unsigned int i = 2 * (family == NFPROTO_IPV6) +
			 (protocol == IPPROTO_UDP);

	return test_socks[i] ? test_socks[i]->sk : NULL;
}

static bool test_is_outer(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_UDP && sk->sk_priority == 6;
}

static bool test_flow(struct net *net, const struct tquic_nf_flow *flow,
		      struct tquic_nf_info *info)
{
	bool found = false;
	unsigned int i;

	spin_lock_bh(&test_lock);
	for (i = 0; i < test_nflows && net == test_net; i++) {
		if (memcmp(&test_flows[i].key, flow, sizeof(*flow)))
			continue;
		info->tunnel = TEST_ID;
		info->path_count = TEST_PATHS;
		info->class = max(test_flows[i].class, 0);
		strscpy_pad(info->name, test_name, sizeof(info->name));
		found = true;
		break;
	}
	spin_unlock_bh(&test_lock);
	return found;
}

static int test_claim(struct net *net, const struct tquic_nf_flow *flow,
		      u32 tunnel, int class)
{
	int err = 0;

	spin_lock_bh(&test_lock);
	if (test_nflows == TEST_FLOWS) {
		err = -ENOSPC;
	} else {
		test_flows[test_nflows].key = *flow;
		test_flows[test_nflows++].class = class;
	}
	spin_unlock_bh(&test_lock);
	return err;
}

static void test_ping(struct net *net, const struct tquic_nf_flow *flow,
		      struct sk_buff *skb, unsigned int thoff)
{
	kfree_skb(skb);
}

static bool test_outer(struct net *net, const struct tquic_nf_flow *flow,
		       const u8 *data, unsigned int len, bool in,
		       struct tquic_nf_info *info)
{
	return false;
}

static const struct tquic_nf_ops test_ops = {
	.owner = THIS_MODULE,
	.find = test_find,
	.up = test_up,
	.listener = test_listener,
	.is_outer = test_is_outer,
	.flow = test_flow,
	.claim = test_claim,
	.ping = test_ping,
	.outer = test_outer,
};

static int test_give(unsigned int kind, int fd)
{
	struct socket *sock, *old;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return err;
	old = test_socks[kind];
	test_socks[kind] = sock;
	synchronize_rcu();
	if (old)
		sockfd_put(old);
	return 0;
}

static int test_command(char *line)
{
	unsigned int i;
	int fd;

	if (!strncmp(line, "name ", 5)) {
		strscpy(test_name, line + 5);
		WRITE_ONCE(test_net, current->nsproxy->net_ns);
		return 0;
	}
	if (!strcmp(line, "up") || !strcmp(line, "down")) {
		WRITE_ONCE(test_is_up, *line == 'u');
		return 0;
	}
	if (!strcmp(line, "forget")) {
		spin_lock_bh(&test_lock);
		test_nflows = 0;
		spin_unlock_bh(&test_lock);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(test_kinds); i++)
		if (!strncmp(line, test_kinds[i], 4) && line[4] == ' ' &&
		    !kstrtoint(line + 5, 10, &fd))
			return test_give(i, fd);
	return -EINVAL;
}

static ssize_t test_write(struct file *file, const char __user *data,
			  size_t len, loff_t *pos)
{
	char line[64];
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, data, len))
		return -EFAULT;
	line[len] = '\0';
	err = test_command(strim(line));
	return err ?: len;
}

static int test_show(struct seq_file *seq, void *v)
{
	unsigned int i;

	spin_lock_bh(&test_lock);
	for (i = 0; i < test_nflows; i++)
		seq_printf(seq, "%s%c %u %d\n",
			   test_flows[i].key.protocol == IPPROTO_TCP ? "tcp" :
								       "udp",
			   test_flows[i].key.family == NFPROTO_IPV4 ? '4' : '6',
			   ntohs(test_flows[i].key.dport), test_flows[i].class);
	spin_unlock_bh(&test_lock);
	return 0;
}

static int test_open(struct inode *inode, struct file *file)
{
	return single_open(file, test_show, NULL);
}

static const struct proc_ops test_proc_ops = {
	.proc_open = test_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = test_write,
};

static int __init test_init(void)
{
	int err;

	if (!proc_create("tquic_nf_test", 0600, NULL, &test_proc_ops))
		return -ENOMEM;
	err = tquic_nf_register(&test_ops);
	if (err)
		remove_proc_entry("tquic_nf_test", NULL);
	return err;
}

static void __exit test_exit(void)
{
	unsigned int i;

	remove_proc_entry("tquic_nf_test", NULL);
	tquic_nf_unregister(&test_ops);
	for (i = 0; i < ARRAY_SIZE(test_socks); i++)
		if (test_socks[i])
			sockfd_put(test_socks[i]);
}

module_init(test_init);
module_exit(test_exit);

MODULE_DESCRIPTION("A tunnel for tests of tquic_nf");
MODULE_AUTHOR("TQUIC developers");
MODULE_INFO(import_ns, "TQUIC");
MODULE_LICENSE("GPL");
