// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "ticket.h"

/* of one name, and of all */
#define TH_TICKET_EACH		4
#define TH_TICKET_MAX		4096
#define TH_TICKET_SIZE_MAX	65536
/* seconds; RFC 8446 section 4.6.1 allows a week */
#define TH_TICKET_LIFE		(24 * 3600)
#define TH_TICKET_SUFFIX	".session"

/**
 * struct th_ticket_entry - place of a session in the store
 * @older: the one that was put before
 * @number: of its file
 * @ticket: the session
 */
struct th_ticket_entry {
	struct th_ticket_entry *older;
	unsigned long number;
	struct th_ticket *ticket;
};

static pthread_mutex_t th_ticket_lock = PTHREAD_MUTEX_INITIALIZER;
/* protected by it */
static struct th_ticket_entry *th_ticket_newest;
static unsigned int th_ticket_count;
static unsigned long th_ticket_number;
static char th_ticket_dir[2048];

static size_t th_ticket_size(const struct th_ticket *ticket)
{
	return sizeof(*ticket) + ticket->tparams_len + ticket->session_len;
}

void th_ticket_free(struct th_ticket *ticket)
{
	if (ticket)
		explicit_bzero(ticket, th_ticket_size(ticket));
	free(ticket);
}

static void th_ticket_file(char *path, size_t room, unsigned long number)
{
	snprintf(path, room, "%s/%lu" TH_TICKET_SUFFIX, th_ticket_dir, number);
}

/* A file that is there is whole: it gets its name when it is written. */
static void th_ticket_write(const struct th_ticket_entry *entry)
{
	size_t size = th_ticket_size(entry->ticket);
	char path[4096], temporary[4096];
	bool ok;
	int fd;

	if (!*th_ticket_dir)
		return;
	th_ticket_file(path, sizeof(path), entry->number);
	snprintf(temporary, sizeof(temporary), "%s/new", th_ticket_dir);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
		  O_NOFOLLOW, 0600);
	ok = fd >= 0 && write(fd, entry->ticket, size) == (ssize_t)size;
	if (fd >= 0 && close(fd))
		ok = false;
	if (!ok || rename(temporary, path))
		th_error("%s: %s", path, strerror(errno));
}

static void th_ticket_unlink(const struct th_ticket_entry *entry)
{
	char path[4096];

	if (!*th_ticket_dir)
		return;
	th_ticket_file(path, sizeof(path), entry->number);
	unlink(path);
}

/* Takes an entry out; its ticket is the caller's. */
static struct th_ticket *th_ticket_remove(struct th_ticket_entry **place,
					  bool file)
{
	struct th_ticket_entry *entry = *place;
	struct th_ticket *ticket = entry->ticket;

	*place = entry->older;
	if (file)
		th_ticket_unlink(entry);
	free(entry);
	th_ticket_count--;
	return ticket;
}

/* Makes room: not too many of a name, not too many at all, none too old. */
static void th_ticket_trim(const unsigned char *name)
{
	struct th_ticket_entry **place = &th_ticket_newest;
	unsigned int same = 0, all = 0;
	time_t now = time(NULL);
	bool go;

	while (*place) {
		struct th_ticket *ticket = (*place)->ticket;

		go = ++all > TH_TICKET_MAX || ticket->expires <= now;
		if (!memcmp(ticket->name, name, TH_TICKET_NAME))
			go |= ++same > TH_TICKET_EACH;
		if (go)
			th_ticket_free(th_ticket_remove(place, true));
		else
			place = &(*place)->older;
	}
}

static bool th_ticket_insert(struct th_ticket *ticket, unsigned long number)
{
	struct th_ticket_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return false;
	entry->number = number;
	entry->ticket = ticket;
	entry->older = th_ticket_newest;
	th_ticket_newest = entry;
	th_ticket_count++;
	return true;
}

/* Reads a file back, unless it is not what was written. */
static struct th_ticket *th_ticket_read(const char *path)
{
	struct th_ticket *ticket = NULL;
	struct stat st;
	ssize_t got = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && st.st_size >= (off_t)sizeof(*ticket) &&
	    st.st_size <= TH_TICKET_SIZE_MAX)
		ticket = malloc(st.st_size);
	if (ticket)
		got = read(fd, ticket, st.st_size);
	close(fd);
	if (ticket && got == st.st_size &&
	    ticket->tparams_len <= TH_TICKET_TPARAMS_MAX &&
	    ticket->session_len <= TH_TICKET_SIZE_MAX &&
	    th_ticket_size(ticket) == (size_t)got)
		return ticket;
	free(ticket);
	return NULL;
}

static void th_ticket_load(const char *dir, const char *name)
{
	size_t len = strlen(name), tail = strlen(TH_TICKET_SUFFIX);
	struct th_ticket *ticket;
	unsigned long number;
	char path[4096];

	if (len <= tail || strcmp(name + len - tail, TH_TICKET_SUFFIX))
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	number = strtoul(name, NULL, 10);
	ticket = th_ticket_read(path);
	if (!ticket || th_ticket_count >= TH_TICKET_MAX ||
	    !th_ticket_insert(ticket, number)) {
		free(ticket);
		unlink(path);
		return;
	}
	if (number >= th_ticket_number)
		th_ticket_number = number + 1;
}

void th_ticket_init(const char *path)
{
	struct dirent *entry;
	DIR *dir;

	th_ticket_dir[0] = 0;
	dir = path && strlen(path) < sizeof(th_ticket_dir) ? opendir(path)
							   : NULL;
	if (!dir) {
		if (path)
			th_info("%s: %s: sessions are kept in memory only",
				path, strerror(errno));
		return;
	}
	strcpy(th_ticket_dir, path);
	while ((entry = readdir(dir)))
		th_ticket_load(path, entry->d_name);
	closedir(dir);
}

static void th_ticket_clear(bool files)
{
	pthread_mutex_lock(&th_ticket_lock);
	while (th_ticket_newest)
		th_ticket_free(th_ticket_remove(&th_ticket_newest, files));
	pthread_mutex_unlock(&th_ticket_lock);
}

void th_ticket_exit(void)
{
	th_ticket_clear(false);
}

void th_ticket_flush(void)
{
	th_ticket_clear(true);
}

void th_ticket_save(const unsigned char *name, unsigned int version,
		    const void *tparams, size_t tparams_len,
		    const void *session, size_t session_len)
{
	size_t size = sizeof(struct th_ticket) + tparams_len + session_len;
	struct th_ticket *ticket;

	if (tparams_len > TH_TICKET_TPARAMS_MAX || size > TH_TICKET_SIZE_MAX)
		return;
	ticket = calloc(1, size);
	if (!ticket)
		return;
	memcpy(ticket->name, name, TH_TICKET_NAME);
	ticket->expires = time(NULL) + TH_TICKET_LIFE;
	ticket->version = version;
	ticket->tparams_len = tparams_len;
	ticket->session_len = session_len;
	memcpy(ticket->data, tparams, tparams_len);
	memcpy(ticket->data + tparams_len, session, session_len);
	pthread_mutex_lock(&th_ticket_lock);
	if (th_ticket_insert(ticket, th_ticket_number)) {
		th_ticket_number++;
		th_ticket_write(th_ticket_newest);
		th_ticket_trim(name);
	} else {
		th_ticket_free(ticket);
	}
	pthread_mutex_unlock(&th_ticket_lock);
}

struct th_ticket *th_ticket_take(const unsigned char *name,
				 unsigned int version)
{
	struct th_ticket_entry **place = &th_ticket_newest;
	struct th_ticket *found = NULL;
	time_t now = time(NULL);

	pthread_mutex_lock(&th_ticket_lock);
	while (*place && !found) {
		struct th_ticket *ticket = (*place)->ticket;

		if (ticket->expires > now && ticket->version == version &&
		    !memcmp(ticket->name, name, TH_TICKET_NAME))
			found = th_ticket_remove(place, true);
		else
			place = &(*place)->older;
	}
	pthread_mutex_unlock(&th_ticket_lock);
	return found;
}
