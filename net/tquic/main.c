// SPDX-License-Identifier: GPL-2.0
/* The module: what is set up when it is loaded, and in what order. */
#include <linux/init.h>
#include <linux/module.h>

#include "aead.h"

static int __init tquic_init(void)
{
	int err;

	err = tquic_aead_init();
	if (err)
		return err;
	err = tquic_aead_selftest();
	if (err)
		goto err_aead;
	return 0;

err_aead:
	tquic_aead_exit();
	return err;
}

static void __exit tquic_exit(void)
{
	tquic_aead_exit();
}

module_init(tquic_init);
module_exit(tquic_exit);

/*
 * "gcm(aes)" alone loads the template, over AES in C.  What uses the
 * processor's instructions stands behind this alias and has to be there first.
 */
MODULE_SOFTDEP("pre: crypto-aes");

MODULE_DESCRIPTION("Multipath QUIC");
MODULE_AUTHOR("TQUIC developers");
MODULE_LICENSE("GPL");
