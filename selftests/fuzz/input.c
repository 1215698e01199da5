// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fuzz_input.h"
#include "tap.h"

static const u8 *pos, *end;
static u64 draws;

/* Draws follow from the input's length alone: the same input, the same run. */
void in_begin(const u8 *data, size_t size)
{
	pos = data;
	end = data + size;
	draws = size;
}

size_t in_left(void)
{
	return end - pos;
}

u8 in_u8(void)
{
	return pos < end ? *pos++ : 0;
}

u16 in_u16(void)
{
	u16 high = in_u8();

	return high << 8 | in_u8();
}

u32 in_u32(void)
{
	u32 high = in_u16();

	return high << 16 | in_u16();
}

size_t in_bytes(const u8 **bytes, size_t len)
{
	*bytes = pos;
	if (len > in_left())
		len = in_left();
	pos += len;
	return len;
}

/* splitmix64 */
u64 tq_rand(void)
{
	u64 z = draws += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

u64 tq_rand_below(u64 n)
{
	return tq_rand() % n;
}

void tq_rand_bytes(void *buf, size_t len)
{
	u8 *p = buf;

	while (len--)
		*p++ = tq_rand();
}

void tq_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	__builtin_trap();
}

void tq_abort(void)
{
	__builtin_trap();
}
