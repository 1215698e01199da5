// SPDX-License-Identifier: GPL-2.0
/* The directory and its files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "log.h"

struct tqd_conf *tqd_conf_new(void)
{
	struct tqd_conf *conf = calloc(1, sizeof(*conf));

	if (conf)
		conf->session_ttl = 120;
	return conf;
}

/**
 * tqd_conf_add_file - remember the name of a file
 * @conf: configuration
 * @path: name
 *
 * Return: a copy that lives as long as the configuration, NULL without memory
 * or when there are too many.
 */
const char *tqd_conf_add_file(struct tqd_conf *conf, const char *path)
{
	char **files;

	if (conf->nr_files == TQD_CONF_FILES_MAX)
		return NULL;
	files = realloc(conf->files, (conf->nr_files + 1) * sizeof(*files));
	if (!files)
		return NULL;
	conf->files = files;
	files[conf->nr_files] = strdup(path);
	return files[conf->nr_files] ? files[conf->nr_files++] : NULL;
}

/* All of it, or a complaint. */
static const char *tqd_conf_slurp(const char *path, char **text, size_t *len,
				  bool *exposed)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *problem = NULL;
	struct stat st = {};
	ssize_t got;

	*text = NULL;
	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &st))
		problem = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		problem = "it is not a regular file";
	else if (st.st_size > TQD_CONF_FILE_MAX)
		problem = "it is too large";
	*exposed = st.st_mode & 077;
	if (!problem)
		*text = malloc(st.st_size + 1);
	if (!problem && !*text)
		problem = "out of memory";
	*len = 0;
	while (!problem && *len < (size_t)st.st_size) {
		got = read(fd, *text + *len, st.st_size - *len);
		if (got < 0)
			problem = strerror(errno);
		if (got <= 0)
			break;
		*len += got;
	}
	close(fd);
	return problem;
}

static void tqd_conf_load_file(struct tqd_conf *conf, const char *path)
{
	struct tqd_place place = { .file = tqd_conf_add_file(conf, path) };
	const char *problem = "out of memory, or too many files";
	char *text = NULL;
	size_t len = 0;

	if (place.file)
		problem = tqd_conf_slurp(path, &text, &len, &conf->exposed);
	if (problem) {
		place.file = path;
		tqd_error(&place, "%s", problem);
		conf->errors++;
	} else {
		tqd_conf_parse(conf, place.file, text, len);
	}
	if (text)
		explicit_bzero(text, len);
	free(text);
}

/* What package managers and editors leave behind does not end like that. */
static int tqd_conf_is_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && *entry->d_name != '.' && !strcmp(dot, ".conf");
}

/**
 * tqd_conf_load - read a directory
 * @dir: its name
 *
 * Return: what its files say, or NULL with every error logged.
 */
struct tqd_conf *tqd_conf_load(const char *dir)
{
	struct tqd_place place = { .file = dir };
	struct tqd_conf *conf = tqd_conf_new();
	struct dirent **list;
	char path[4096];
	int n, i;

	if (!conf)
		return NULL;
	n = scandir(dir, &list, tqd_conf_is_file, alphasort);
	if (n < 0) {
		tqd_error(&place, "%s", strerror(errno));
		tqd_conf_free(conf);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		tqd_conf_load_file(conf, path);
		free(list[i]);
	}
	free(list);
	/* what is wrong already would be complained about again */
	if (!conf->errors)
		tqd_conf_check(conf);
	if (!conf->errors)
		return conf;
	tqd_conf_free(conf);
	return NULL;
}

static void tqd_conf_free_client(struct tqd_client *client)
{
	struct tqd_forward *fwd;

	while ((fwd = client->forwards)) {
		client->forwards = fwd->next;
		free(fwd);
	}
	explicit_bzero(client, sizeof(*client));
	free(client);
}

static void tqd_conf_free_tunnel(struct tqd_tunnel *tunnel)
{
	struct tqd_prefix *prefix;

	while ((prefix = tunnel->bypass)) {
		tunnel->bypass = prefix->next;
		free(prefix);
	}
	explicit_bzero(tunnel, sizeof(*tunnel));
	free(tunnel);
}

void tqd_conf_free(struct tqd_conf *conf)
{
	struct tqd_client *client;
	struct tqd_tunnel *tunnel;

	if (!conf)
		return;
	while ((client = conf->clients)) {
		conf->clients = client->next;
		tqd_conf_free_client(client);
	}
	while ((tunnel = conf->tunnels)) {
		conf->tunnels = tunnel->next;
		tqd_conf_free_tunnel(tunnel);
	}
	while (conf->nr_files)
		free(conf->files[--conf->nr_files]);
	free(conf->files);
	free(conf);
}
