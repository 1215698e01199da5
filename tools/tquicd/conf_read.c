// SPDX-License-Identifier: GPL-2.0
/*
 * Files into lines, sections and settings.  libinih does the lines and the
 * values; the sections are looked at before it sees them, because it cuts long
 * names and tells nothing of a section that is empty.
 */
#include <ctype.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "log.h"

/**
 * struct tqd_reader - state while a file is read
 * @conf: what is filled
 * @place: the line that is read
 * @text: what is left of the file
 * @end: of the file
 * @section: the one that is read
 */
struct tqd_reader {
	struct tqd_conf *conf;
	struct tqd_place place;
	const char *text;
	const char *end;
	struct tqd_section section;
};

#define tqd_conf_error(conf, place, ...)		\
	do {						\
		(conf)->errors++;			\
		tqd_error(place, __VA_ARGS__);		\
	} while (0)

static const char *tqd_conf_client(struct tqd_reader *r, const char *name)
{
	struct tqd_client *client, **last = &r->conf->clients;
	const char *problem = tq_parse_identity(name);

	if (problem)
		return problem;
	if (strchr(name, ':'))
		return "a client's name has no ':'";
	if (r->conf->nr_clients == TQD_CONF_CLIENTS_MAX)
		return "there are too many clients";
	for (; *last; last = &(*last)->next)
		if (!strcmp((*last)->identity, name))
			return "there are two clients of that name";
	client = calloc(1, sizeof(*client));
	if (!client)
		return "out of memory";
	client->place = r->place;
	strcpy(client->identity, name);
	*last = client;
	r->conf->nr_clients++;
	r->section.kind = TQD_SECTION_CLIENT;
	r->section.client = client;
	return NULL;
}

static const char *tqd_conf_tunnel(struct tqd_reader *r, const char *name)
{
	struct tqd_tunnel *tunnel, **last = &r->conf->tunnels;
	const char *problem = tq_parse_name(name);

	if (problem)
		return problem;
	if (!strcmp(name, TQD_CONF_SERVER))
		return "that name is for the tunnel which clients come to";
	if (r->conf->nr_tunnels == TQD_CONF_TUNNELS_MAX)
		return "there are too many tunnels";
	for (; *last; last = &(*last)->next)
		if (!strcmp((*last)->name, name))
			return "there are two tunnels of that name";
	tunnel = calloc(1, sizeof(*tunnel));
	if (!tunnel)
		return "out of memory";
	tunnel->place = r->place;
	strcpy(tunnel->name, name);
	*last = tunnel;
	r->conf->nr_tunnels++;
	r->section.kind = TQD_SECTION_TUNNEL;
	r->section.tunnel = tunnel;
	return NULL;
}

static void tqd_conf_section(struct tqd_reader *r, const char *name)
{
	const char *problem;

	r->section.kind = TQD_SECTION_BAD;
	if (!strcmp(name, "global")) {
		problem = r->conf->global.file ? "it is there twice" : NULL;
		r->conf->global = r->place;
		r->section.kind = TQD_SECTION_GLOBAL;
	} else if (!strncmp(name, "client.", strlen("client."))) {
		problem = tqd_conf_client(r, name + strlen("client."));
	} else if (!strncmp(name, "tunnel.", strlen("tunnel."))) {
		problem = tqd_conf_tunnel(r, name + strlen("tunnel."));
	} else {
		problem = "a section is global, client.NAME or tunnel.NAME";
	}
	if (problem)
		tqd_conf_error(r->conf, &r->place, "[%s]: %s", name, problem);
}

/* "[name]", perhaps with a comment behind it */
static void tqd_conf_look(struct tqd_reader *r, const char *line)
{
	const char *end;
	char name[128];

	line += strspn(line, " \t");
	if (*line != '[')
		return;
	end = strchr(line, ']');
	/* libinih will say that it is no section */
	if (!end) {
		r->section.kind = TQD_SECTION_BAD;
		return;
	}
	if (end - line > (long)sizeof(name)) {
		r->section.kind = TQD_SECTION_BAD;
		tqd_conf_error(r->conf, &r->place,
			       "the section's name is too long");
		return;
	}
	memcpy(name, line + 1, end - line - 1);
	name[end - line - 1] = 0;
	tqd_conf_section(r, name);
}

/* As fgets(), for libinih; a line that cannot be read is an empty one. */
static char *tqd_conf_line(char *line, int room, void *stream)
{
	const char *problem = NULL, *eol;
	struct tqd_reader *r = stream;
	size_t len;

	if (r->text == r->end)
		return NULL;
	r->place.line++;
	eol = memchr(r->text, '\n', r->end - r->text);
	len = (eol ? eol : r->end) - r->text;
	if (len + 2 > (size_t)room)
		problem = "the line is too long";
	else if (memchr(r->text, 0, len))
		problem = "there is a byte 0 in the line";
	if (problem) {
		tqd_conf_error(r->conf, &r->place, "%s", problem);
		strcpy(line, "\n");
	} else {
		memcpy(line, r->text, len);
		strcpy(line + len, "\n");
		/* what is indented would be taken for more of the last value */
		memmove(line, line + strspn(line, " \t"),
			strlen(line + strspn(line, " \t")) + 1);
		tqd_conf_look(r, line);
	}
	r->text = eol ? eol + 1 : r->end;
	return line;
}

/* A comment behind a value: '#' after a blank. */
static char *tqd_conf_value(const char *value)
{
	char *copy = strdup(value), *hash = copy;

	while (copy && (hash = strchr(hash, '#'))) {
		if (hash == copy || isblank((unsigned char)hash[-1])) {
			*hash = 0;
			break;
		}
		hash++;
	}
	if (copy && hash)
		while (hash > copy && isblank((unsigned char)hash[-1]))
			*--hash = 0;
	return copy;
}

static int tqd_conf_handle(void *user, const char *section, const char *name,
			   const char *value)
{
	struct tqd_reader *r = user;
	char *copy = tqd_conf_value(value);
	const char *problem = "out of memory";

	(void)section;
	if (!strcmp(name, "psk") && r->conf->exposed)
		problem = "others have access to this file: chmod 600";
	else if (copy)
		problem = tqd_conf_set(r->conf, &r->section, &r->place, name,
				       copy);
	/* a key is not for logs */
	if (problem && !strcmp(name, "psk"))
		tqd_conf_error(r->conf, &r->place, "psk: %s", problem);
	else if (problem)
		tqd_conf_error(r->conf, &r->place, "%s = %s: %s", name, copy ?
			       copy : "", problem);
	if (copy)
		explicit_bzero(copy, strlen(copy));
	free(copy);
	return 1;
}

/**
 * tqd_conf_parse - read what a file has
 * @conf: is filled, and counts errors
 * @path: name of the file; lives as long as @conf
 * @text: what it has
 * @len: bytes
 */
void tqd_conf_parse(struct tqd_conf *conf, const char *path, const char *text,
		    size_t len)
{
	struct tqd_reader r = {
		.conf = conf,
		.place = { .file = path },
		.text = text,
		.end = text + len,
	};
	int line;

	line = ini_parse_stream(tqd_conf_line, &r, tqd_conf_handle, &r);
	r.place.line = line > 0 ? line : 0;
	if (line)
		tqd_conf_error(conf, &r.place, "%s", line > 0 ?
			       "neither [section] nor name = value" :
			       "out of memory");
}
