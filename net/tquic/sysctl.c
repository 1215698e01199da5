// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a namespace.  Each has limits; what lies outside is refused, and
 * nothing changes.  They take effect with the next connection unless said
 * otherwise in Documentation/networking/tquic-sysctl.rst.
 */
#include <linux/capability.h>
#include <linux/hex.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "net.h"
#include "registry.h"
#include "sysctl.h"

#define TQUIC_SYSCTL_NAMES	512
#define TQUIC_SYSCTL_KEY	32

static const char *const tquic_sysctl_managers[] = { "kernel", "userspace" };

static const u64 tquic_sysctl_mem_least = 1 << 20;
static const u64 tquic_sysctl_mem_most = S64_MAX;
static const u64 tquic_sysctl_window_least = 64 << 10;
static const u64 tquic_sysctl_window_most = 1ULL << 30;
static const u32 tquic_sysctl_one = 1;
static const u32 tquic_sysctl_paths = 8;
static const u32 tquic_sysctl_hundred_ms = 100;
static const u32 tquic_sysctl_second = 1000;
static const u32 tquic_sysctl_ten_seconds = 10 * 1000;
static const u32 tquic_sysctl_ten_minutes = 600 * 1000;
static const u32 tquic_sysctl_hour = 3600 * 1000;
static const u32 tquic_sysctl_day = 86400 * 1000;
static const u32 tquic_sysctl_conns = 1 << 20;
static const u32 tquic_sysctl_backlog = 65535;

/* Where a name of an algorithm stands, and who knows whether there is one. */
static struct tquic_net *tquic_sysctl_net(const struct ctl_table *table)
{
	return table->extra1;
}

/* A word that is read, and the new one when it is written. */
static int tquic_sysctl_word(const struct ctl_table *table, int write,
			     void *buffer, size_t *lenp, loff_t *ppos,
			     char *word, size_t room)
{
	struct ctl_table copy = {
		.procname = table->procname,
		.data = word,
		.maxlen = room,
		.mode = table->mode,
	};

	return proc_dostring(&copy, write, buffer, lenp, ppos);
}

static int tquic_sysctl_scheduler(const struct ctl_table *table, int write,
				  void *buffer, size_t *lenp, loff_t *ppos)
{
	struct tquic_net *tn = tquic_sysctl_net(table);
	char name[TQUIC_SCHED_NAME_MAX];
	int err;

	tquic_net_sched_name(tn, name);
	err = tquic_sysctl_word(table, write, buffer, lenp, ppos, name,
				sizeof(name));
	return err || !write ? err : tquic_net_set_sched(tn, name);
}

static int tquic_sysctl_congestion(const struct ctl_table *table, int write,
				   void *buffer, size_t *lenp, loff_t *ppos)
{
	struct tquic_net *tn = tquic_sysctl_net(table);
	char name[TQUIC_CC_NAME_MAX];
	int err;

	tquic_net_cc_name(tn, name);
	err = tquic_sysctl_word(table, write, buffer, lenp, ppos, name,
				sizeof(name));
	return err || !write ? err : tquic_net_set_cc(tn, name);
}

static int tquic_sysctl_manager(const struct ctl_table *table, int write,
				void *buffer, size_t *lenp, loff_t *ppos)
{
	struct tquic_net *tn = tquic_sysctl_net(table);
	char name[16];
	int err;

	err = READ_ONCE(tn->config.path_manager);
	strscpy(name, tquic_sysctl_managers[err]);
	err = tquic_sysctl_word(table, write, buffer, lenp, ppos, name,
				sizeof(name));
	if (err || !write)
		return err;
	err = match_string(tquic_sysctl_managers,
			   ARRAY_SIZE(tquic_sysctl_managers), name);
	if (err < 0)
		return err;
	WRITE_ONCE(tn->config.path_manager, err);
	return 0;
}

static int tquic_sysctl_schedulers(const struct ctl_table *table, int write,
				   void *buffer, size_t *lenp, loff_t *ppos)
{
	char names[TQUIC_SYSCTL_NAMES];

	tquic_sched_names(names, sizeof(names));
	return tquic_sysctl_word(table, write, buffer, lenp, ppos, names,
				 sizeof(names));
}

static int tquic_sysctl_congestions(const struct ctl_table *table, int write,
				    void *buffer, size_t *lenp, loff_t *ppos)
{
	char names[TQUIC_SYSCTL_NAMES];

	tquic_cc_names(names, sizeof(names));
	return tquic_sysctl_word(table, write, buffer, lenp, ppos, names,
				 sizeof(names));
}

/* 64 bits on all machines, with the limits in @extra1 and @extra2. */
static int tquic_sysctl_u64(const struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	const u64 *least = table->extra1, *most = table->extra2;
	u64 *data = table->data, val;
	char text[24];
	int err;

	snprintf(text, sizeof(text), "%llu", READ_ONCE(*data));
	err = tquic_sysctl_word(table, write, buffer, lenp, ppos, text,
				sizeof(text));
	if (err || !write)
		return err;
	err = kstrtou64(strim(text), 0, &val);
	if (err)
		return err;
	if (val < *least || val > *most)
		return -EINVAL;
	WRITE_ONCE(*data, val);
	return 0;
}

/*
 * What protects the machine from the namespace: root of a container may have
 * less, not more.
 */
static int tquic_sysctl_guarded(int write)
{
	return write && !capable(CAP_NET_ADMIN) ? -EPERM : 0;
}

static int tquic_sysctl_mem(const struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	return tquic_sysctl_guarded(write) ?:
	       tquic_sysctl_u64(table, write, buffer, lenp, ppos);
}

static int tquic_sysctl_max(const struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	return tquic_sysctl_guarded(write) ?:
	       proc_douintvec_minmax(table, write, buffer, lenp, ppos);
}

static int tquic_sysctl_agent(const struct ctl_table *table, int write,
			      void *buffer, size_t *lenp, loff_t *ppos)
{
	return tquic_sysctl_guarded(write) ?:
	       proc_dou8vec_minmax(table, write, buffer, lenp, ppos);
}

/* @text: 64 hexadecimal digits, and blanks around them */
static int tquic_sysctl_set_key(const char *text)
{
	u8 key[TQUIC_SYSCTL_KEY];
	size_t len;
	int err;

	text = skip_spaces(text);
	len = strcspn(text, " \t\n");
	if (len != 2 * sizeof(key) || *skip_spaces(text + len))
		return -EINVAL;
	err = hex2bin(key, text, sizeof(key));
	if (!err)
		tquic_demux_set_key(key);
	memzero_explicit(key, sizeof(key));
	return err ? -EINVAL : 0;
}

/* It can be written only: who reads it could end any connection. */
static int tquic_sysctl_reset_key(const struct ctl_table *table, int write,
				  void *buffer, size_t *lenp, loff_t *ppos)
{
	char text[2 * TQUIC_SYSCTL_KEY + 8] = "";
	int err;

	err = tquic_sysctl_guarded(write) ?:
	      tquic_sysctl_word(table, write, buffer, lenp, ppos, text,
				sizeof(text));
	if (!err && write)
		err = tquic_sysctl_set_key(text);
	memzero_explicit(text, sizeof(text));
	return err;
}

static int tquic_sysctl_param_key(const char *val,
				  const struct kernel_param *kp)
{
	return val ? tquic_sysctl_set_key(val) : -EINVAL;
}

static const struct kernel_param_ops tquic_sysctl_key_ops = {
	.set = tquic_sysctl_param_key,
};
module_param_cb(reset_key, &tquic_sysctl_key_ops, NULL, 0);
MODULE_PARM_DESC(reset_key, "64 hex digits: key of stateless reset tokens");

#define TQUIC_SYSCTL_DATA(field) \
	((void *)offsetof(struct tquic_net_config, field))
#define TQUIC_SYSCTL_FIELD(field, handler, least, most) { \
	.procname	= #field, \
	.data		= TQUIC_SYSCTL_DATA(field), \
	.maxlen		= sizeof_field(struct tquic_net_config, field), \
	.mode		= 0644, \
	.proc_handler	= handler, \
	.extra1		= (void *)(least), \
	.extra2		= (void *)(most), \
}
#define TQUIC_SYSCTL_U32(field, least, most) \
	TQUIC_SYSCTL_FIELD(field, proc_douintvec_minmax, least, most)
#define TQUIC_SYSCTL_BOOL(field, handler) \
	TQUIC_SYSCTL_FIELD(field, handler, SYSCTL_ZERO, SYSCTL_ONE)
/* the handler finds what it needs from the namespace, and that in @extra1 */
#define TQUIC_SYSCTL_WORD(name, rights, handler) { \
	.procname	= name, \
	.mode		= rights, \
	.proc_handler	= handler, \
}

/* @data is the place in the configuration, to which its address is added */
static const struct ctl_table tquic_sysctl_table[] = {
	TQUIC_SYSCTL_WORD("scheduler", 0644, tquic_sysctl_scheduler),
	TQUIC_SYSCTL_WORD("congestion", 0644, tquic_sysctl_congestion),
	TQUIC_SYSCTL_WORD("path_manager", 0644, tquic_sysctl_manager),
	TQUIC_SYSCTL_WORD("available_schedulers", 0444,
			  tquic_sysctl_schedulers),
	TQUIC_SYSCTL_WORD("available_congestion", 0444,
			  tquic_sysctl_congestions),
	TQUIC_SYSCTL_WORD("reset_key", 0600, tquic_sysctl_reset_key),
	TQUIC_SYSCTL_BOOL(enabled, proc_dou8vec_minmax),
	TQUIC_SYSCTL_BOOL(ecn_enabled, proc_dou8vec_minmax),
	TQUIC_SYSCTL_BOOL(handshake_agent_init, tquic_sysctl_agent),
	TQUIC_SYSCTL_FIELD(mem_max, tquic_sysctl_mem, &tquic_sysctl_mem_least,
			   &tquic_sysctl_mem_most),
	TQUIC_SYSCTL_FIELD(conns_max, tquic_sysctl_max, &tquic_sysctl_one,
			   &tquic_sysctl_conns),
	TQUIC_SYSCTL_U32(half_open_max, &tquic_sysctl_one, &tquic_sysctl_conns),
	TQUIC_SYSCTL_U32(retry_threshold, SYSCTL_ZERO, &tquic_sysctl_conns),
	TQUIC_SYSCTL_U32(backlog_max, &tquic_sysctl_one, &tquic_sysctl_backlog),
	TQUIC_SYSCTL_FIELD(wmem_max, tquic_sysctl_u64,
			   &tquic_sysctl_window_least,
			   &tquic_sysctl_window_most),
	TQUIC_SYSCTL_FIELD(rmem_max, tquic_sysctl_u64,
			   &tquic_sysctl_window_least,
			   &tquic_sysctl_window_most),
	TQUIC_SYSCTL_U32(max_paths, &tquic_sysctl_one, &tquic_sysctl_paths),
	TQUIC_SYSCTL_U32(initial_rtt, &tquic_sysctl_one,
			 &tquic_sysctl_ten_seconds),
	TQUIC_SYSCTL_U32(idle_timeout, SYSCTL_ZERO, &tquic_sysctl_day),
	TQUIC_SYSCTL_U32(handshake_timeout, &tquic_sysctl_second,
			 &tquic_sysctl_ten_minutes),
	TQUIC_SYSCTL_U32(probe_interval, &tquic_sysctl_hundred_ms,
			 &tquic_sysctl_hour),
	TQUIC_SYSCTL_U32(failover_timeout, SYSCTL_ZERO,
			 &tquic_sysctl_ten_minutes),
	TQUIC_SYSCTL_U32(udp_timeout, &tquic_sysctl_second, &tquic_sysctl_day),
	TQUIC_SYSCTL_U32(udp_timeout_stream, &tquic_sysctl_second,
			 &tquic_sysctl_day),
};

/**
 * tquic_sysctl_init - let the settings of a namespace be changed
 * @tn: namespace, whose configuration has its defaults
 *
 * Return: 0, or -ENOMEM.
 */
int tquic_sysctl_init(struct tquic_net *tn)
{
	struct ctl_table *table, *t;
	unsigned int i;

	table = kmemdup(tquic_sysctl_table, sizeof(tquic_sysctl_table),
			GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(tquic_sysctl_table); i++) {
		t = &table[i];
		if (t->maxlen)
			t->data = (u8 *)&tn->config + (uintptr_t)t->data;
		else
			t->extra1 = tn;
	}
	tn->sysctl = register_net_sysctl_sz(tn->net, "net/tquic", table,
					    ARRAY_SIZE(tquic_sysctl_table));
	if (tn->sysctl)
		return 0;
	kfree(table);
	return -ENOMEM;
}

/**
 * tquic_sysctl_exit - the namespace goes
 * @tn: namespace
 */
void tquic_sysctl_exit(struct tquic_net *tn)
{
	const struct ctl_table *table = tn->sysctl->ctl_table_arg;

	unregister_net_sysctl_table(tn->sysctl);
	kfree(table);
}
