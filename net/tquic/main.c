// SPDX-License-Identifier: GPL-2.0
/* The module: what is set up when it is loaded, and in what order. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

#include "aead.h"

static int __init tquic_init(void)
{
	return tquic_aead_init();
}

static void __exit tquic_exit(void)
{
	tquic_aead_exit();
}

module_init(tquic_init);
module_exit(tquic_exit);

MODULE_DESCRIPTION("Multipath QUIC");
MODULE_AUTHOR("TQUIC developers");
MODULE_LICENSE("GPL");
