// SPDX-License-Identifier: GPL-2.0
/* Messages of libnftables, with places as they are in the user's text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "erec.h"
#include "hook.h"
#include "util.h"

#define SOURCES_MAX	256

static const struct nt_text *sources[SOURCES_MAX];
static int nsources;

void nt_erec_source(const struct nt_text *text)
{
	if (nsources < SOURCES_MAX)
		sources[nsources++] = text;
}

/* Offset and length of a line, counted from 1; false if there is none. */
static bool line_at(const char *text, size_t len, unsigned int number,
		    size_t *off, size_t *line_len)
{
	const char *p = text, *end = text + len, *nl;

	for (;;) {
		nl = memchr(p, '\n', end - p);
		if (number == 1) {
			*off = p - text;
			*line_len = (nl ? nl : end) - p;
			return true;
		}
		if (!nl)
			return false;
		p = nl + 1;
		number--;
	}
}

/* The columns of a line of the source that columns of the result stand for. */
static void columns(const struct nt_text *text, unsigned int line,
		    unsigned int *first, unsigned int *last)
{
	size_t src, src_len, out, out_len, a, b;

	if (!line_at(text->out, text->out_len, line, &out, &out_len) ||
	    !line_at(text->src, text->len, line, &src, &src_len))
		return;
	a = nt_text_origin(text, out + *first - 1, false);
	b = nt_text_origin(text, out + *last - 1, true);
	*first = a >= src ? a - src + 1 : 1;
	*last = b >= a ? b - src + 1 : *first;
	if (*last > src_len && src_len >= *first)
		*last = src_len;
}

static const struct nt_text *source_named(const char *name, size_t len)
{
	int i;

	for (i = 0; i < nsources; i++)
		if (sources[i]->name && strlen(sources[i]->name) == len &&
		    !memcmp(sources[i]->name, name, len))
			return sources[i];
	return NULL;
}

/* The line of a text without name, as the command line has. */
static const struct nt_text *source_of_line(const char *line, size_t len,
					    unsigned int *number)
{
	size_t off, n;
	int i;

	for (i = 0; i < nsources; i++)
		for (*number = 1; !sources[i]->name &&
		     line_at(sources[i]->out, sources[i]->out_len, *number,
			     &off, &n); (*number)++)
			if (n == len &&
			    !memcmp(sources[i]->out + off, line, len))
				return sources[i];
	return NULL;
}

/* "NAME:LINE:FIRST-LAST: ": the source and its line, NULL for another form. */
static const struct nt_text *place(const char *line, size_t len,
				   unsigned int *number, const char **rest)
{
	const struct nt_text *text = NULL;
	unsigned int first, last;
	const char *colon;
	char buf[4096];
	int used = 0, skip = 0;

	if (len >= sizeof(buf))
		return NULL;
	memcpy(buf, line, len);
	buf[len] = '\0';
	if (!strncmp(buf, "In file included from ", 22))
		skip = 22;
	for (colon = strchr(buf + skip, ':'); colon;
	     colon = strchr(colon + 1, ':'))
		if (sscanf(colon, ":%u:%u-%u:%n", number, &first, &last,
			   &used) == 3 && used)
			break;
	if (!colon)
		return NULL;
	text = source_named(buf + skip, colon - buf - skip);
	if (!text)
		return NULL;
	columns(text, *number, &first, &last);
	fprintf(stderr, "%.*s:%u:%u-%u:", (int)(colon - buf), buf, *number,
		first, last);
	*rest = line + (colon - buf) + used;
	return text;
}

/* Marks below a line, each moved to what it stands for. */
static void marks(const struct nt_text *text, unsigned int number,
		  const char *line, size_t len)
{
	unsigned int first, last, next = 0;
	struct nt_buf out = {};
	size_t off, n, i;

	if (!line_at(text->src, text->len, number, &off, &n))
		return;
	for (i = 0; i < n; i++)
		nt_buf_add(&out, text->src[off + i] == '\t' ? "\t" : " ", 1);
	for (i = 0; i < len; i++) {
		if (line[i] != '^' && line[i] != '~')
			continue;
		first = i + 1;
		last = i + 1;
		columns(text, number, &first, &last);
		/* what has become nothing belongs to what is around it */
		if (i && line[i - 1] == line[i] && next && next < first)
			first = next;
		next = last + 1;
		for (; first <= last; first++) {
			while (out.len < first)
				nt_buf_add(&out, " ", 1);
			if (out.data[first - 1] != '^')
				out.data[first - 1] = line[i];
		}
	}
	while (out.len && (out.data[out.len - 1] == ' ' ||
			   out.data[out.len - 1] == '\t'))
		out.data[--out.len] = '\0';
	fprintf(stderr, "%s\n", out.len ? out.data : "");
	free(out.data);
}

static void hint(void)
{
	static const struct {
		int error;
		const char *text;
	} hints[] = {
		{ ENOENT, "there is no tunnel of this name, or the kernel module tquic_nf cannot be loaded" },
		{ EOPNOTSUPP, "tquic tunnel belongs into chains of prerouting or output" },
		{ EAFNOSUPPORT, "tquic is for tables of the families ip, ip6 and inet" },
	};
	size_t i;

	if (nt_hook_message[0])
		fprintf(stderr, "tquic: %s\n", nt_hook_message);
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].error == nt_hook_errno)
			fprintf(stderr, "tquic: %s\n", hints[i].text);
}

void nt_erec_print(const char *messages)
{
	const struct nt_text *text = NULL, *found;
	const char *p = messages, *end, *rest;
	unsigned int number = 0, n;
	bool shown = false;
	size_t off, len;

	for (; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		found = place(p, end - p, &n, &rest);
		if (found) {
			fprintf(stderr, "%.*s\n", (int)(end - rest), rest);
			text = found;
			number = n;
			shown = false;
			continue;
		}
		if (shown) {
			marks(text, number, p, end - p);
			shown = false;
			continue;
		}
		if (text && line_at(text->out, text->out_len, number, &off,
				    &len) && len == (size_t)(end - p) &&
		    !memcmp(text->out + off, p, len)) {
			found = text;
		} else {
			found = source_of_line(p, end - p, &n);
			number = found ? n : number;
		}
		if (found && line_at(found->src, found->len, number, &off,
				     &len)) {
			fprintf(stderr, "%.*s\n", (int)len, found->src + off);
			text = found;
			shown = true;
			continue;
		}
		fprintf(stderr, "%.*s\n", (int)(end - p), p);
	}
	hint();
}

void nt_erec_fail(const struct nt_text *text)
{
	unsigned int number = 1, first, last;
	size_t off = 0, len = 0, i;

	for (i = 0; i < text->error_start && i < text->len; i++)
		number += text->src[i] == '\n';
	line_at(text->src, text->len, number, &off, &len);
	first = text->error_start - off + 1;
	last = text->error_end > text->error_start ? text->error_end - off :
						     first;
	if (last > len + 1)
		last = len + 1;
	if (text->name)
		fprintf(stderr, "%s:%u:%u-%u: ", text->name, number, first,
			last);
	fprintf(stderr, "Error: %s\n%.*s\n", text->error, (int)len,
		text->src + off);
	for (i = 1; i < first; i++)
		fputc(text->src[off + i - 1] == '\t' ? '\t' : ' ', stderr);
	for (; i <= last; i++)
		fputc('^', stderr);
	fputc('\n', stderr);
}
