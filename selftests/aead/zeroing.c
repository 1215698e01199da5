// SPDX-License-Identifier: GPL-2.0
/* Keys are zero when they are given back to the allocator. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "test.h"

#ifdef CONFIG_KPROBES

static const void *test_zeroing_ptr[2];
static size_t test_zeroing_len[2];
static unsigned int test_zeroing_freed;
static unsigned int test_zeroing_dirty;

/* At the entry of kfree(): what was watched has to be empty by now. */
static int test_zeroing_hit(struct kprobe *p, struct pt_regs *regs)
{
	const void *mem = (void *)regs_get_kernel_argument(regs, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(test_zeroing_ptr); i++) {
		if (!mem || mem != READ_ONCE(test_zeroing_ptr[i]))
			continue;
		test_zeroing_freed++;
		if (memchr_inv(mem, 0, test_zeroing_len[i]))
			test_zeroing_dirty++;
	}
	return 0;
}

static struct kprobe test_zeroing_probe = {
	.symbol_name = "kfree",
	.pre_handler = test_zeroing_hit,
};

static int test_zeroing_suite(u16 suite)
{
	struct tquic_aead_secret secret;
	struct test_keys k;
	int err;

	err = test_keys_make(&k, suite, NULL);
	if (err)
		return err;
	test_zeroing_freed = 0;
	test_zeroing_dirty = 0;
	/* the reference count and the work item in use are no secrets */
	test_zeroing_len[0] = offsetof(struct tquic_aead_key, ref);
	test_zeroing_len[1] = 32;
	WRITE_ONCE(test_zeroing_ptr[0], k.key);
	WRITE_ONCE(test_zeroing_ptr[1], k.hp);
	secret = k.secret;
	test_keys_free(&k);
	err = TEST_EXPECT(!memchr_inv(&k.secret, 0, sizeof(k.secret)));
	tquic_aead_secret_clear(&secret);
	err = err ?: TEST_EXPECT(!memchr_inv(&secret, 0, sizeof(secret)));
	tquic_aead_flush();
	WRITE_ONCE(test_zeroing_ptr[0], NULL);
	WRITE_ONCE(test_zeroing_ptr[1], NULL);
	return err ?: TEST_EXPECT(test_zeroing_freed == 2) ?:
	       TEST_EXPECT(!test_zeroing_dirty);
}

int test_zeroing(void)
{
	int err;

	err = register_kprobe(&test_zeroing_probe);
	if (err)
		return err;
	err = test_zeroing_suite(TQUIC_AES_128_GCM_SHA256) ?:
	      test_zeroing_suite(TQUIC_CHACHA20_POLY1305_SHA256);
	unregister_kprobe(&test_zeroing_probe);
	return err;
}

#else

int test_zeroing(void)
{
	return -EOPNOTSUPP;
}

#endif
