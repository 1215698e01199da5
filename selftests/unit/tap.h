/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small test runner that speaks TAP.
 *
 * A test is a function in selftests/unit/cases/ declared by TQ_TEST(); it
 * registers itself, runs in a child process of its own (a crash or a
 * sanitizer report fails that test alone), and starts from the same seed of
 * tq_rand() each time.
 */
#ifndef _TQUIC_TAP_H
#define _TQUIC_TAP_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * struct tq_test - one registered test
 * @name: as printed and as matched by the runner's filter
 * @file: where it is written
 * @fn: body of a plain test
 * @oom: body of an allocation-failure test: 0 for success, -ENOMEM when an
 *	allocation failed; run again and again, each time with the next
 *	allocation failing, until it succeeds without a failure
 * @next: list of all tests
 */
struct tq_test {
	const char *name;
	const char *file;
	void (*fn)(void);
	int (*oom)(void);
	struct tq_test *next;
};

void tq_register(struct tq_test *test);
void __printf(3, 4) tq_fail(const char *file, int line, const char *fmt, ...);
/* ends the running test */
void __noreturn tq_abort(void);
/* context printed with a failure inside loops: tq_note("len %u", len) */
void __printf(1, 2) tq_note(const char *fmt, ...);

/*
 * In an allocation-failure test: whether the allocation of this round has
 * failed.  For code that copes: its body returns -ENOMEM by asking this.
 */
bool tq_oom_hit(void);

/* splitmix64, seeded anew for each test; the seed is printed on failure */
u64 tq_rand(void);
/* from the beginning of the test: what follows is drawn as it was */
void tq_rand_again(void);
/* uniform in [0, n) */
u64 tq_rand_below(u64 n);
void tq_rand_bytes(void *buf, size_t len);
/* decodes "c300 0000 01.." (blanks ignored); returns the number of bytes */
size_t tq_hex(const char *hex, void *buf, size_t size);

#define TQ_TEST_DECL_(n, ...)						\
	static struct tq_test tq_test_##n = {				\
		.name = #n, .file = __FILE__, __VA_ARGS__		\
	};								\
	__attribute__((constructor)) static void tq_reg_##n(void)	\
	{								\
		tq_register(&tq_test_##n);				\
	}

#define TQ_TEST(n)							\
	static void tq_body_##n(void);					\
	TQ_TEST_DECL_(n, .fn = tq_body_##n)				\
	static void tq_body_##n(void)

#define TQ_OOM_TEST(n)							\
	static int tq_body_##n(void);					\
	TQ_TEST_DECL_(n, .oom = tq_body_##n)				\
	static int tq_body_##n(void)

#define TQ_EXPECT(cond)							\
	do {								\
		if (!(cond))						\
			tq_fail(__FILE__, __LINE__, "%s", #cond);	\
	} while (0)

#define TQ_ASSERT(cond)							\
	do {								\
		if (!(cond)) {						\
			tq_fail(__FILE__, __LINE__, "%s", #cond);	\
			tq_abort();					\
		}							\
	} while (0)

#define TQ_EXPECT_EQ(a, b)						\
	do {								\
		long long tq_a = (long long)(a);			\
		long long tq_b = (long long)(b);			\
									\
		if (tq_a != tq_b)					\
			tq_fail(__FILE__, __LINE__,			\
				"%s = %lld (%#llx), %s = %lld (%#llx)",	\
				#a, tq_a, tq_a, #b, tq_b, tq_b);	\
	} while (0)

#define TQ_ASSERT_EQ(a, b)						\
	do {								\
		long long tq_a = (long long)(a);			\
		long long tq_b = (long long)(b);			\
									\
		if (tq_a != tq_b) {					\
			tq_fail(__FILE__, __LINE__,			\
				"%s = %lld (%#llx), %s = %lld (%#llx)",	\
				#a, tq_a, tq_a, #b, tq_b, tq_b);	\
			tq_abort();					\
		}							\
	} while (0)

void tq_expect_mem(const char *file, int line, const char *what,
		   const void *a, const void *b, size_t len);

#define TQ_EXPECT_MEM_EQ(a, b, len)					\
	tq_expect_mem(__FILE__, __LINE__, #a " == " #b, a, b, len)

#endif /* _TQUIC_TAP_H */
