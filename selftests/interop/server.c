// SPDX-License-Identifier: GPL-2.0
/* Files of a folder, by GET. */
#include <string.h>
#include <sys/stat.h>

#include "h3.h"

/* A request is complete: answer it. */
int h3_respond(struct h3 *h, struct h3_stream *s)
{
	char name[H3_NAME_MAX + 256], length[24] = "0";
	struct stat st;

	snprintf(name, sizeof(name), "%s/%s", h->root, s->path);
	if (strcmp(s->method, "GET"))
		return h3_submit_response(h, s, "405", length);
	if (strstr(s->path, "..") || stat(name, &st) || !S_ISREG(st.st_mode))
		return h3_submit_response(h, s, "404", length);
	s->body = fopen(name, "re");
	if (!s->body)
		return h3_submit_response(h, s, "403", length);
	snprintf(length, sizeof(length), "%lld", (long long)st.st_size);
	return h3_submit_response(h, s, "200", length);
}
