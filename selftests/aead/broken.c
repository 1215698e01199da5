// SPDX-License-Identifier: GPL-2.0
/* As much of the module as its self-test needs: with a check that fails. */
#include <linux/init.h>
#include <linux/module.h>

#include "aead.h"

static int __init tquic_broken_init(void)
{
	int err;

	err = tquic_aead_init();
	if (err)
		return err;
	err = tquic_aead_selftest();
	if (err)
		tquic_aead_exit();
	return err;
}

static void __exit tquic_broken_exit(void)
{
	tquic_aead_exit();
}

module_init(tquic_broken_init);
module_exit(tquic_broken_exit);

MODULE_DESCRIPTION("TQUIC with a self-test that fails");
MODULE_LICENSE("GPL");
