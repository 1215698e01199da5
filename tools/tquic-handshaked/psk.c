// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "psk.h"

static int th_psk_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	if (isxdigit((unsigned char)c))
		return tolower((unsigned char)c) - 'a' + 10;
	return -1;
}

bool th_psk_parse_key(struct th_psk *psk, const char *text)
{
	size_t len = strlen(text);
	int high, low;
	size_t i;

	if (len % 2 || len < 2 * TH_PSK_KEY_MIN || len > 2 * TH_PSK_KEY_MAX)
		return false;
	for (i = 0; i < len / 2; i++) {
		high = th_psk_digit(text[2 * i]);
		low = th_psk_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		psk->key[i] = high << 4 | low;
	}
	psk->len = len / 2;
	return true;
}

/* identity:key, of which the identity may have colons; NULL or a complaint */
static const char *th_psk_parse(struct th_psk *psk, char *line)
{
	char *key = strrchr(line, ':');

	if (!key)
		return "a line is IDENTITY:KEY";
	*key++ = 0;
	if (!*line || strlen(line) > TH_PSK_IDENTITY_MAX)
		return "an identity has 1 to 255 bytes";
	strcpy(psk->identity, line);
	if (!th_psk_parse_key(psk, key))
		return "a key has 32 to 128 hexadecimal digits";
	return NULL;
}

static bool th_psk_add(struct th_psk_store *store, const struct th_psk *psk)
{
	size_t room = store->count ? 1UL << (64 - __builtin_clzl(store->count))
				   : 1;
	struct th_psk *keys = store->keys;

	/* grows where the count is a power of two */
	if (!(store->count & (store->count - 1))) {
		keys = calloc(room, sizeof(*keys));
		if (!keys)
			return false;
		if (store->count)
			memcpy(keys, store->keys,
			       store->count * sizeof(*keys));
		if (store->keys)
			explicit_bzero(store->keys,
				       store->count * sizeof(*keys));
		free(store->keys);
		store->keys = keys;
	}
	keys[store->count++] = *psk;
	return true;
}

static bool th_psk_read(struct th_psk_store *store, FILE *file,
			const char *path)
{
	const char *problem = NULL;
	unsigned int number = 0;
	struct th_psk psk = {};
	char *line = NULL;
	size_t room = 0;

	while (!problem && getline(&line, &room, file) > 0) {
		number++;
		line[strcspn(line, "\r\n")] = 0;
		if (!*line || *line == '#')
			continue;
		problem = th_psk_parse(&psk, line);
		if (!problem && !th_psk_add(store, &psk))
			problem = "out of memory";
	}
	if (problem)
		th_error("%s:%u: %s", path, number, problem);
	explicit_bzero(&psk, sizeof(psk));
	if (line)
		explicit_bzero(line, room);
	free(line);
	return !problem;
}

static bool th_psk_load_file(struct th_psk_store *store, const char *path)
{
	struct stat st;
	bool ok = false;
	FILE *file;

	file = fopen(path, "re");
	if (!file || fstat(fileno(file), &st)) {
		th_error("%s: %s", path, strerror(errno));
	} else if (st.st_mode & 077) {
		th_error("%s: others than its owner have access: chmod 600",
			 path);
	} else {
		ok = th_psk_read(store, file, path);
	}
	if (file)
		fclose(file);
	return ok;
}

static bool th_psk_load_dir(struct th_psk_store *store, const char *path,
			    DIR *dir)
{
	struct dirent *entry;
	char name[4096];
	bool ok = true;

	while (ok && (entry = readdir(dir))) {
		/* what editors and package managers leave behind */
		if (entry->d_name[0] == '.' || strchr(entry->d_name, '~'))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		ok = th_psk_load_file(store, name);
	}
	return ok;
}

static int th_psk_compare(const void *a, const void *b)
{
	const struct th_psk *one = a, *two = b;

	return strcmp(one->identity, two->identity);
}

static bool th_psk_unique(const struct th_psk_store *store, const char *path)
{
	size_t i;

	for (i = 1; i < store->count; i++) {
		if (strcmp(store->keys[i - 1].identity,
			   store->keys[i].identity))
			continue;
		th_error("%s: identity '%s' is there twice", path,
			 store->keys[i].identity);
		return false;
	}
	return true;
}

bool th_psk_load(struct th_psk_store *store, const char *path)
{
	DIR *dir = opendir(path);
	bool ok;

	if (dir) {
		ok = th_psk_load_dir(store, path, dir);
		closedir(dir);
	} else {
		ok = th_psk_load_file(store, path);
	}
	if (ok && store->count) {
		qsort(store->keys, store->count, sizeof(*store->keys),
		      th_psk_compare);
		ok = th_psk_unique(store, path);
	}
	if (!ok)
		th_psk_free(store);
	return ok;
}

void th_psk_free(struct th_psk_store *store)
{
	if (store->keys)
		explicit_bzero(store->keys,
			       store->count * sizeof(*store->keys));
	free(store->keys);
	*store = (struct th_psk_store){};
}

const struct th_psk *th_psk_find(const struct th_psk_store *store,
				 const char *identity, size_t len)
{
	struct th_psk key = {};

	if (len > TH_PSK_IDENTITY_MAX || memchr(identity, 0, len))
		return NULL;
	memcpy(key.identity, identity, len);
	if (!store->count)
		return NULL;
	return bsearch(&key, store->keys, store->count, sizeof(key),
		       th_psk_compare);
}
