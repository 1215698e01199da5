// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the configuration.
 */
#include <errno.h>
#include <ini.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf.h"
#include "log.h"

/* the default of a profile's "psk" */
#define TH_CONF_PSK	"/etc/tquic/psk"
#define TH_CONF_STATE	"/var/lib/tquic"

/**
 * struct th_conf_parser - state while a file is read
 * @conf: what is filled
 * @path: name of the file
 * @file: the file
 * @line: number of the line that is read
 * @errors: how many there were
 */
struct th_conf_parser {
	struct th_conf *conf;
	const char *path;
	FILE *file;
	unsigned int line;
	unsigned int errors;
};

/**
 * struct th_conf_key - a setting
 * @name: in the file
 * @set: takes the value at @offset; NULL or a complaint
 * @offset: of what is set
 */
struct th_conf_key {
	const char *name;
	const char *(*set)(void *at, const char *value);
	size_t offset;
};

static const char *th_conf_string(void *at, const char *value)
{
	char **string = at;

	if (!*value)
		return "a value is missing";
	free(*string);
	*string = strdup(value);
	return *string ? NULL : "out of memory";
}

static const char *th_conf_path(void *at, const char *value)
{
	if (*value && *value != '/')
		return "a path begins with '/'";
	return th_conf_string(at, value);
}

static const char *th_conf_bool(void *at, const char *value)
{
	bool *flag = at;

	*flag = !strcmp(value, "yes");
	return *flag || !strcmp(value, "no") ? NULL : "it is either yes or no";
}

static const char *th_conf_number(void *at, const char *value)
{
	unsigned int *number = at;
	unsigned long n;
	char *end;

	n = strtoul(value, &end, 10);
	if (!*value || *end || n > 1024 || *value == '-')
		return "it is a number from 0 to 1024";
	*number = n;
	return NULL;
}

static const char *th_conf_clients(void *at, const char *value)
{
	static const char *const names[] = {
		[TH_CONF_CLIENTS_NONE] = "none",
		[TH_CONF_CLIENTS_ASK] = "ask",
		[TH_CONF_CLIENTS_REQUIRE] = "require",
	};
	enum th_conf_clients *clients = at;
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(value, names[i]))
			continue;
		*clients = i;
		return NULL;
	}
	return "it is one of none, ask and require";
}

/* Names as GnuTLS knows them, separated by commas or blanks. */
static const char *th_conf_names(void *at, const char *value)
{
	if (strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-, ") !=
	    strlen(value))
		return "a list of names in capitals is wanted";
	return th_conf_string(at, value);
}

static const char *th_conf_users(void *at, const char *value)
{
	struct th_profile *profile = at;
	const char *problem = NULL;
	char *copy = strdup(value);
	struct passwd *user;
	char *word, *rest;

	if (!copy)
		return "out of memory";
	for (word = strtok_r(copy, ", ", &rest); word && !problem;
	     word = strtok_r(NULL, ", ", &rest)) {
		user = getpwnam(word);
		if (!user)
			problem = "no such user";
		else if (profile->nr_users == TH_CONF_USERS_MAX)
			problem = "too many users";
		else
			profile->users[profile->nr_users++] = user->pw_uid;
	}
	free(copy);
	if (!problem && !profile->nr_users)
		problem = "a value is missing";
	return problem;
}

#define TH_CONF_AGENT(key, set, member) \
	{ key, set, offsetof(struct th_conf, member) }
static const struct th_conf_key th_conf_agent_keys[] = {
	TH_CONF_AGENT("workers", th_conf_number, workers),
	TH_CONF_AGENT("linger", th_conf_number, linger),
	TH_CONF_AGENT("state-directory", th_conf_path, state_dir),
	TH_CONF_AGENT("key-log", th_conf_path, keylog),
	{}
};

#define TH_CONF_PROFILE(key, set, member) \
	{ key, set, offsetof(struct th_profile, member) }
static const struct th_conf_key th_conf_profile_keys[] = {
	TH_CONF_PROFILE("psk", th_conf_path, psk),
	TH_CONF_PROFILE("certificate", th_conf_path, certificate),
	TH_CONF_PROFILE("private-key", th_conf_path, private_key),
	TH_CONF_PROFILE("ca", th_conf_path, ca),
	TH_CONF_PROFILE("public-key", th_conf_path, public_key),
	TH_CONF_PROFILE("trusted-keys", th_conf_path, trusted_keys),
	TH_CONF_PROFILE("ciphers", th_conf_names, ciphers),
	TH_CONF_PROFILE("groups", th_conf_names, groups),
	TH_CONF_PROFILE("client-certificates", th_conf_clients, clients),
	TH_CONF_PROFILE("tickets", th_conf_bool, tickets),
	TH_CONF_PROFILE("early-data", th_conf_bool, early),
	TH_CONF_PROFILE("other-namespaces", th_conf_bool, foreign),
	TH_CONF_PROFILE("users", th_conf_users, next),
	{}
};

struct th_profile *th_conf_find(const struct th_conf *conf, const char *name)
{
	struct th_profile *profile;

	if (!*name)
		name = TH_CONF_DEFAULT;
	for (profile = conf->profiles; profile; profile = profile->next)
		if (!strcmp(profile->name, name))
			break;
	return profile;
}

static struct th_profile *th_conf_profile(struct th_conf *conf,
					  const char *name)
{
	struct th_profile *profile = th_conf_find(conf, name);

	if (profile)
		return profile;
	if (strlen(name) > TH_CONF_NAME_MAX ||
	    conf->nr_profiles == TH_CONF_PROFILES_MAX)
		return NULL;
	profile = calloc(1, sizeof(*profile));
	if (!profile)
		return NULL;
	strcpy(profile->name, name);
	profile->tickets = true;
	/* the socket asks for it */
	profile->early = true;
	profile->next = conf->profiles;
	conf->profiles = profile;
	conf->nr_profiles++;
	return profile;
}

static const char *th_conf_set(const struct th_conf_key *keys, void *base,
			       const char *name, const char *value)
{
	for (; keys->name; keys++) {
		if (strcmp(keys->name, name))
			continue;
		/* users are more than one member */
		if (keys->set == th_conf_users)
			return th_conf_users(base, value);
		return keys->set((char *)base + keys->offset, value);
	}
	return "there is no such setting";
}

static int th_conf_handle(void *user, const char *section, const char *name,
			  const char *value)
{
	struct th_conf_parser *parser = user;
	struct th_profile *profile;
	const char *problem;

	if (!*section) {
		problem = "it stands before the first [section]";
	} else if (!strcmp(section, "agent")) {
		problem = th_conf_set(th_conf_agent_keys, parser->conf, name,
				      value);
	} else {
		profile = th_conf_profile(parser->conf, section);
		problem = profile ? th_conf_set(th_conf_profile_keys, profile,
						name, value) :
				    "too long a name, or too many sections";
	}
	if (problem) {
		th_error("%s:%u: %s = %s: %s", parser->path, parser->line,
			 name, value, problem);
		parser->errors++;
	}
	return 1;
}

static char *th_conf_line(char *line, int room, void *stream)
{
	struct th_conf_parser *parser = stream;

	parser->line++;
	return fgets(line, room, parser->file);
}

static bool th_conf_read(struct th_conf *conf, const char *path,
			 bool must_exist)
{
	struct th_conf_parser parser = { .conf = conf, .path = path };
	int line;

	parser.file = fopen(path, "re");
	if (!parser.file) {
		if (errno == ENOENT && !must_exist)
			return true;
		th_error("%s: %s", path, strerror(errno));
		return false;
	}
	line = ini_parse_stream(th_conf_line, &parser, th_conf_handle, &parser);
	fclose(parser.file);
	if (line > 0)
		th_error("%s:%d: neither [section] nor name = value", path,
			 line);
	return !line && !parser.errors;
}

static bool th_conf_default(struct th_conf *conf, const char *name,
			    const char *psk)
{
	struct th_profile *profile = th_conf_profile(conf, name);

	if (!profile)
		return false;
	if (!profile->psk)
		profile->psk = strdup(psk);
	return profile->psk;
}

/* What goes without saying. */
static bool th_conf_defaults(struct th_conf *conf)
{
	struct th_profile *tquicd = th_conf_find(conf, TH_CONF_TQUICD);

	if (!th_conf_default(conf, TH_CONF_DEFAULT, TH_CONF_PSK) ||
	    !th_conf_default(conf, TH_CONF_TQUICD, TH_CONF_TQUICD_PSK))
		return false;
	if (tquicd)
		return true;
	tquicd = th_conf_find(conf, TH_CONF_TQUICD);
	/* they are the gateway's, or the server's, not its users': root's */
	tquicd->nr_users = 1;
	/* who has a key that was replaced must not come back by a ticket */
	tquicd->tickets = false;
	return true;
}

static struct th_stamp th_conf_stamp(void)
{
	struct stat st;

	if (stat(TH_CONF_TQUICD_PSK, &st))
		return (struct th_stamp){};
	return (struct th_stamp){ st.st_ino, st.st_mtim };
}

bool th_conf_stale(struct th_conf *conf)
{
	struct th_stamp now = th_conf_stamp();

	if (now.inode == conf->stamp.inode &&
	    now.changed.tv_sec == conf->stamp.changed.tv_sec &&
	    now.changed.tv_nsec == conf->stamp.changed.tv_nsec)
		return false;
	conf->stamp = now;
	return true;
}

struct th_conf *th_conf_load(const char *path, bool must_exist)
{
	struct th_conf *conf = calloc(1, sizeof(*conf));
	struct th_profile *profile;
	bool ok;

	if (!conf)
		return NULL;
	conf->refs = 1;
	conf->linger = 5;
	conf->state_dir = strdup(TH_CONF_STATE);
	/* before it is read: if it changes then, it is read once more */
	conf->stamp = th_conf_stamp();
	ok = conf->state_dir && th_conf_read(conf, path, must_exist) &&
	     th_conf_defaults(conf);
	for (profile = conf->profiles; ok && profile; profile = profile->next)
		ok = th_profile_load(profile, conf, path);
	if (ok)
		return conf;
	th_conf_put(conf);
	return NULL;
}

struct th_conf *th_conf_get(struct th_conf *conf)
{
	atomic_fetch_add(&conf->refs, 1);
	return conf;
}

void th_conf_put(struct th_conf *conf)
{
	struct th_profile *profile;

	if (!conf || atomic_fetch_sub(&conf->refs, 1) != 1)
		return;
	while ((profile = conf->profiles)) {
		conf->profiles = profile->next;
		th_profile_free(profile);
	}
	free(conf->state_dir);
	free(conf->keylog);
	free(conf);
}
