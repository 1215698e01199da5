// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "buf.h"
#include "log.h"

#define TN_TEXT_CHUNK	65536

static struct tn_buf *text;

struct tn_buf *tn_buf_new(const void *data, u32 len)
{
	struct tn_buf *buf = malloc(sizeof(*buf) + len);

	if (!buf)
		tn_die("out of memory");
	buf->refs = 1;
	buf->len = len;
	if (data)
		memcpy(buf->data, data, len);
	return buf;
}

void tn_buf_put(struct tn_buf *buf)
{
	if (!--buf->refs)
		free(buf);
}

static void tn_buf_get_handle(void *handle)
{
	((struct tn_buf *)handle)->refs++;
}

static void tn_buf_put_handle(void *handle)
{
	tn_buf_put(handle);
}

const struct tquic_buf_ops tn_buf_ops = {
	.get = tn_buf_get_handle,
	.put = tn_buf_put_handle,
};

/* Bytes of a generator that peers in other languages can write in a line. */
static void tn_text_make(void)
{
	u32 state = 1, i;

	text = tn_buf_new(NULL, TN_TEXT_PERIOD + TN_TEXT_CHUNK);
	for (i = 0; i < TN_TEXT_PERIOD; i++) {
		state = state * 1103515245 + 12345;
		text->data[i] = state >> 16;
	}
	for (; i < text->len; i++)
		text->data[i] = text->data[i - TN_TEXT_PERIOD];
}

/**
 * tn_text_at - where to find a piece of the text
 * @off: its offset
 * @pos: filled: where it is in the buffer
 * @len: bytes wanted; lowered to what there is
 *
 * Return: a buffer, of which no reference is taken.
 */
struct tn_buf *tn_text_at(u64 off, u32 *pos, u32 *len)
{
	if (!text)
		tn_text_make();
	*pos = off % TN_TEXT_PERIOD;
	*len = min_t(u32, *len, TN_TEXT_CHUNK);
	return text;
}

/* Is this what the text has at that offset? */
bool tn_text_is(u64 off, const u8 *data, u32 len)
{
	struct tn_buf *buf;
	u32 pos, n;

	for (; len; len -= n, off += n, data += n) {
		n = len;
		buf = tn_text_at(off, &pos, &n);
		if (memcmp(buf->data + pos, data, n))
			return false;
	}
	return true;
}

void tn_text_free(void)
{
	if (text)
		tn_buf_put(text);
	text = NULL;
}
