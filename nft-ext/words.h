/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of the syntax, and what carries them through libnftables.
 *
 * A key travels as a raw payload expression of the inner header at an offset
 * that the kernel refuses, so no rule in the kernel looks like it.  Numbers
 * are big-endian in it, as in the native expression.  The statement travels as
 * a log statement whose prefix begins with a random number of this process.
 */
#ifndef NT_WORDS_H
#define NT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* bits; the kernel takes offsets up to 255, or 65535, bytes */
#define NT_CARRIER_BASE		0x54510000u
#define NT_CARRIER_STEP		0x1000u
#define NT_NAME_MAX		16	/* of a tunnel, with its end */
#define NT_NO_CLASS		(-1)
#define NT_VALUE_MAX		64	/* a value as text, with its end */

enum nt_dir {
	NT_IN,		/* from the user's words to carriers */
	NT_OUT,		/* back */
};

/**
 * struct nt_key - a key of the expression
 * @word: after "tquic"
 * @second: second word, or NULL
 * @bits: of the value
 * @symbol: names of values 0, 1, ...; NULL-terminated, or NULL
 */
struct nt_key {
	const char *word;
	const char *second;
	unsigned int bits;
	const char *const *symbol;
};

/* by enum nft_tquic_keys */
extern const struct nt_key nt_keys[];
extern const int nt_nkeys;
extern const char *const nt_classes[];

/* "tquic path id" without "tquic"; buf has NT_VALUE_MAX bytes */
const char *nt_key_name(int key, char *buf);
/* -1 if it is none */
int nt_key_find(const char *first, size_t first_len, const char *second,
		size_t second_len, int *words);
/* the key that a payload expression carries, -1 for none */
int nt_key_of_offset(uint64_t bits);
uint32_t nt_key_offset(int key);
bool nt_is_carrier_offset(uint64_t bits);

/*
 * A value as the user writes it to what libnftables reads, and back.  buf has
 * NT_VALUE_MAX bytes.  False if there is no such value, or no name for it.
 */
bool nt_value_in(int key, const char *text, size_t len, bool quoted,
		 char *buf);
bool nt_value_out(int key, const char *text, size_t len, char *buf);

int nt_class_find(const char *text, size_t len);
bool nt_name_valid(const char *text, size_t len);

/* the prefix that carries a statement; set up once */
extern char nt_nonce[];
void nt_nonce_init(void);
/* buf has 128 bytes */
void nt_stmt_prefix(const char *name, int class, char *buf);
bool nt_stmt_parse(const char *prefix, size_t len, char *name, int *class);

#endif /* NT_WORDS_H */
