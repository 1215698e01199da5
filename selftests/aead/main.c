// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of packet protection: loading the module runs the test that is named,
 * and loading fails when the test does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

#include "test.h"

static char *test = "limits";
module_param(test, charp, 0444);
MODULE_PARM_DESC(test, "limits, sharing, zeroing, load, bench or masks");

static char *alg;
module_param(alg, charp, 0444);
MODULE_PARM_DESC(alg, "AEAD of the crypto API, for load and bench");

static bool async;
module_param(async, bool, 0444);
MODULE_PARM_DESC(async, "load: requests have to go asynchronous");

static ushort suite = TQUIC_AES_128_GCM_SHA256;
module_param(suite, ushort, 0444);
MODULE_PARM_DESC(suite, "bench: TLS code point of the cipher suite");

static uint mb = 100;
module_param(mb, uint, 0444);
MODULE_PARM_DESC(mb, "bench: megabytes to seal and to open");

static int __init test_run(void)
{
	if (!strcmp(test, "limits"))
		return test_limits();
	if (!strcmp(test, "sharing"))
		return test_sharing();
	if (!strcmp(test, "zeroing"))
		return test_zeroing();
	if (!strcmp(test, "load"))
		return test_load(alg, async);
	if (!strcmp(test, "bench"))
		return test_bench(suite, alg, mb);
	if (!strcmp(test, "masks"))
		return test_bench_hp();
	return -EINVAL;
}

static int __init test_init(void)
{
	int err;

	err = tquic_aead_init();
	if (err)
		return err;
	err = test_run();
	if (err) {
		pr_err("%s: failed (%d)\n", test, err);
		tquic_aead_exit();
		/* modprobe takes some errors for success */
		return -ECANCELED;
	}
	return 0;
}

static void __exit test_exit(void)
{
	tquic_aead_exit();
}

module_init(test_init);
module_exit(test_exit);

MODULE_DESCRIPTION("Tests of TQUIC packet protection");
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("pre: crypto-aes");
