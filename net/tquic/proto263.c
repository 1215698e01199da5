// SPDX-License-Identifier: GPL-2.0
/*
 * socket(..., 263): the kernel refuses numbers from IPPROTO_MAX on before it
 * looks for who is registered.  It has one place where a number may be turned
 * into another, update_socket_protocol(), which does nothing but answer its
 * argument.  A probe there leads 263 to the number that TQUIC is registered by;
 * an entry check leaves everything else as it was, so nothing else is delayed
 * by more than that.
 *
 * In a kernel that knows 263 this file has no place.
 */
#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/ptrace.h>
#include <linux/socket.h>
#include <linux/tquic.h>

#include "proto263.h"

#ifdef CONFIG_KRETPROBES
/* Non-zero: not one of ours, its return is left alone. */
static int tquic_proto263_enter(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	int family = regs_get_kernel_argument(regs, 0);
	int type = regs_get_kernel_argument(regs, 1) & SOCK_TYPE_MASK;
	int protocol = regs_get_kernel_argument(regs, 2);

	return (family != PF_INET && family != PF_INET6) ||
	       type != SOCK_STREAM || protocol != IPPROTO_TQUIC;
}

static int tquic_proto263_leave(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	regs_set_return_value(regs, IPPROTO_TQUIC_REAL);
	return 0;
}

static struct kretprobe tquic_proto263_probe = {
	.kp.symbol_name = "update_socket_protocol",
	.entry_handler = tquic_proto263_enter,
	.handler = tquic_proto263_leave,
};

/**
 * tquic_proto263_init - lead socket() with 263 to TQUIC
 *
 * Return: 0, also where this cannot be done: then there is the registered
 * number, and the log says so.
 */
int tquic_proto263_init(void)
{
	int err;

	/* one that is missed would be refused: there is one per caller */
	tquic_proto263_probe.maxactive = max(64, 4 * num_possible_cpus());
	err = register_kretprobe(&tquic_proto263_probe);
	if (err)
		pr_warn("tquic: socket() takes %d instead of %d: no probe at %s (error %d)\n",
			IPPROTO_TQUIC_REAL, IPPROTO_TQUIC,
			tquic_proto263_probe.kp.symbol_name, err);
	return 0;
}

void tquic_proto263_exit(void)
{
	/* one that could not be registered has no address, and is left alone */
	unregister_kretprobe(&tquic_proto263_probe);
}
#else
int tquic_proto263_init(void)
{
	pr_warn("tquic: socket() takes %d instead of %d: the kernel has no kretprobes\n",
		IPPROTO_TQUIC_REAL, IPPROTO_TQUIC);
	return 0;
}

void tquic_proto263_exit(void)
{
}
#endif
