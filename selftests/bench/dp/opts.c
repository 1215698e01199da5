// SPDX-License-Identifier: GPL-2.0
/*
 * Options of a benchmark run.
 */
#include <linux/cpumask.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "aead_batch.h"
#include "opts.h"

struct dp_word {
	const char *name;
	u32 value;
};

static const struct dp_word dp_suites[] = {
	{ "chacha20", TQUIC_CHACHA20_POLY1305_SHA256 },
	{ "aes128", TQUIC_AES_128_GCM_SHA256 },
	{ "aes256", TQUIC_AES_256_GCM_SHA384 },
	{}
};

static const struct dp_word dp_modes[] = {
	{ "gso", DP_GSO },
	{ "encap", DP_ENCAP },
	{ "single", DP_SINGLE },
	{}
};

static const struct dp_word dp_contexts[] = {
	{ "kthread", DP_KTHREAD },
	{ "workqueue", DP_WORKQUEUE },
	{ "bh", DP_BH },
	{ "softirq", DP_SOFTIRQ },
	{}
};

/**
 * struct dp_opt - one option
 * @name: before the equals sign
 * @words: the values it may take; NULL for a number
 * @off: offset of a u32 in struct dp_opts
 * @min: smallest number allowed
 * @max: greatest number allowed
 */
struct dp_opt {
	const char *name;
	const struct dp_word *words;
	size_t off;
	u32 min;
	u32 max;
};

#define DP_NUMBER(field, lo, hi) \
	{ #field, NULL, offsetof(struct dp_opts, field), lo, hi }
#define DP_WORD(field, table) \
	{ #field, table, offsetof(struct dp_opts, field), 0, 0 }

static const struct dp_opt dp_opt_table[] = {
	DP_WORD(suite, dp_suites),
	DP_WORD(mode, dp_modes),
	DP_WORD(context, dp_contexts),
	DP_NUMBER(port, 1, U16_MAX),
	DP_NUMBER(copy, 0, 1),
	DP_NUMBER(unshare, 0, 1),
	DP_NUMBER(verify, 0, 1),
	DP_NUMBER(train, 1, TQUIC_AEAD_BATCH_MAX),
	/* a packet has to fit in a page, in case of need */
	DP_NUMBER(size, 64, 4096),
	/* the sender waits for half of it, which has to be a whole train */
	DP_NUMBER(window, 256 << 10, 64 << 20),
	DP_NUMBER(ms, 0, 3600 * 1000),
};

static int dp_opt_set(struct dp_opts *opts, const struct dp_opt *opt,
		      const char *value)
{
	u32 *field = (void *)opts + opt->off;
	const struct dp_word *word;
	u32 number;
	int err;

	if (opt->words) {
		for (word = opt->words; word->name; word++) {
			if (strcmp(word->name, value))
				continue;
			*field = word->value;
			return 0;
		}
		return -EINVAL;
	}

	err = kstrtou32(value, 0, &number);
	if (err)
		return err;
	if (number < opt->min || number > opt->max)
		return -ERANGE;
	*field = number;
	return 0;
}

static int dp_opt_cpu(struct dp_opts *opts, const char *value)
{
	int err, cpu;

	err = kstrtoint(value, 0, &cpu);
	if (err)
		return err;
	if (cpu < -1 || (cpu >= 0 && (cpu >= nr_cpu_ids || !cpu_online(cpu))))
		return -ERANGE;
	opts->cpu = cpu;
	return 0;
}

static int dp_opt_parse(struct dp_opts *opts, char *word)
{
	char *value = strchr(word, '=');
	unsigned int i;

	if (!value)
		return -EINVAL;
	*value++ = 0;

	if (!strcmp(word, "cpu"))
		return dp_opt_cpu(opts, value);
	if (!strcmp(word, "bytes"))
		return kstrtou64(value, 0, &opts->bytes);
	if (!strcmp(word, "daddr"))
		return in4_pton(value, -1, (u8 *)&opts->daddr, -1, NULL) ?
		       0 : -EINVAL;

	for (i = 0; i < ARRAY_SIZE(dp_opt_table); i++)
		if (!strcmp(dp_opt_table[i].name, word))
			return dp_opt_set(opts, &dp_opt_table[i], value);
	return -ENOENT;
}

/**
 * dp_opts_parse - read the options of one end
 * @opts: receives the options; what is not named gets its default
 * @words: "name=value" words with blanks between; changed
 *
 * Return: 0 or -errno.
 */
int dp_opts_parse(struct dp_opts *opts, char *words)
{
	char *word;
	int err;

	*opts = (struct dp_opts){
		.port = 4433,
		.suite = TQUIC_CHACHA20_POLY1305_SHA256,
		.copy = 1,
		.cpu = -1,
		.train = TQUIC_AEAD_BATCH_MAX,
		.size = 1472,
		.window = 2 << 20,
	};

	while ((word = strsep(&words, " \t\n"))) {
		if (!*word)
			continue;
		err = dp_opt_parse(opts, word);
		if (err)
			return err;
	}
	return 0;
}
