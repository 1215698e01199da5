// SPDX-License-Identifier: GPL-2.0
/* The module: what is set up when it is loaded. */
#include <linux/init.h>
#include <linux/module.h>

#include "tquic_nf.h"
#include "capture.h"

static int __init tquic_nf_init(void)
{
	int err;

	err = tquic_nf_capture_init();
	if (err)
		return err;
	err = nft_register_expr(&tquic_nf_expr_type);
	if (err)
		tquic_nf_capture_exit();
	return err;
}

static void __exit tquic_nf_exit(void)
{
	nft_unregister_expr(&tquic_nf_expr_type);
	tquic_nf_capture_exit();
}

module_init(tquic_nf_init);
module_exit(tquic_nf_exit);

MODULE_DESCRIPTION("nf_tables expression for multipath QUIC");
MODULE_AUTHOR("TQUIC developers");
MODULE_INFO(import_ns, "TQUIC");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NFT_EXPR("tquic");
