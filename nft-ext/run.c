// SPDX-License-Identifier: GPL-2.0
/* Running commands in libnftables, words and carriers exchanged. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "erec.h"
#include "hook.h"
#include "json.h"
#include "run.h"
#include "text.h"
#include "util.h"

#define INCLUDE_DEPTH	16	/* as in nft */
#define PATHS_MAX	32
#define STDIN_NAME	"/dev/stdin"

/**
 * struct source - a file that has been translated
 * @next: list
 * @text: its text
 */
struct source {
	struct source *next;
	struct nt_text text;
};

static struct source *sources;
static struct nt_scope scope;
static const char *paths[PATHS_MAX] = { "/etc" };
static int npaths = 1;
static int depth;
static bool failed;

static struct source *find_source(const char *path)
{
	struct source *source;

	for (source = sources; source; source = source->next)
		if (source->text.name && !strcmp(source->text.name, path))
			return source;
	return NULL;
}

static bool include(struct nt_text *text, const char *path, size_t len);

/* Takes over the source's text; NULL when it has an error, which is shown. */
static struct source *add_source(const char *name, const char *text, size_t len)
{
	struct source *source = nt_realloc(NULL, sizeof(*source));
	char *copy = name ? nt_strndup(name, strlen(name)) : NULL;

	nt_text_init(&source->text, copy, text, len, NT_IN, &scope);
	source->text.include = include;
	source->next = sources;
	sources = source;
	if (!nt_text_run(&source->text)) {
		if (!failed)
			nt_erec_fail(&source->text);
		failed = true;
		return NULL;
	}
	nt_erec_source(&source->text);
	return source;
}

/* A file that cannot be read is left for libnftables to complain about. */
static struct source *add_file(const char *path)
{
	struct nt_buf buf = {};
	struct source *source = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	if (!nt_buf_read(&buf, fd))
		source = add_source(path, buf.data, buf.len);
	close(fd);
	free(buf.data);
	return source;
}

static bool include_glob(const char *pattern)
{
	glob_t found = {};
	size_t i;

	if (glob(pattern, 0, NULL, &found)) {
		globfree(&found);
		return false;
	}
	for (i = 0; i < found.gl_pathc && !failed; i++)
		if (!find_source(found.gl_pathv[i]))
			add_file(found.gl_pathv[i]);
	globfree(&found);
	return true;
}

/* What a file declares holds behind its include, so it is read at once. */
static bool include(struct nt_text *text, const char *path, size_t len)
{
	char *name = nt_strndup(path, len), *full;
	bool found = false;
	int i;

	(void)text;
	if (++depth <= INCLUDE_DEPTH) {
		if (name[0] == '/' || !strncmp(name, "./", 2) ||
		    !strncmp(name, "../", 3))
			found = include_glob(name);
		for (i = 0; i < npaths && !found && name[0] != '/'; i++) {
			full = nt_printf("%s/%s", paths[i], name);
			found = include_glob(full);
			free(full);
		}
	}
	depth--;
	free(name);
	return found;
}

/* What libnftables gets to read; it may also open what it knows itself. */
static bool file(const char *path, const char **text, size_t *len)
{
	struct source *source = find_source(path);

	if (!source && (!strncmp(path, "/dev/", 5) ||
			!strncmp(path, "/proc/", 6) ||
			!strncmp(path, "/etc/iproute2/", 14) ||
			!strncmp(path, "/usr/share/iproute2/", 20) ||
			strstr(path, "connlabel.conf")))
		return false;
	if (!source)
		source = add_file(path);
	if (!source)
		return false;
	*text = source->text.out;
	*len = source->text.out_len;
	return true;
}

/* How a set is declared, from a context of its own. */
static char *ask_kernel(const char *family, const char *table, const char *set)
{
	static const char *const kinds[] = { "set", "map" };
	struct nft_ctx *ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	char *command, *answer = NULL;
	int i;

	if (!ctx)
		return NULL;
	nft_ctx_buffer_output(ctx);
	nft_ctx_buffer_error(ctx);
	nft_ctx_output_set_flags(ctx, NFT_CTX_OUTPUT_TERSE);
	for (i = 0; i < 2 && !answer; i++) {
		command = nt_printf("list %s %s %s %s", kinds[i], family, table,
				    set);
		if (!nft_run_cmd_from_buffer(ctx, command))
			answer = strdup(nft_ctx_get_output_buffer(ctx));
		free(command);
	}
	nft_ctx_free(ctx);
	return answer;
}

void nt_run_init(struct nt_run *run, bool json)
{
	nt_nonce_init();
	scope.ask = ask_kernel;
	run->json = json;
	run->ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!run->ctx) {
		fprintf(stderr, "nft-tquic: libnftables does not start\n");
		exit(1);
	}
	nt_hook_file = file;
}

void nt_run_include_path(struct nt_run *run, const char *path)
{
	if (npaths == PATHS_MAX ||
	    nft_ctx_add_include_path(run->ctx, path)) {
		fprintf(stderr, "nft-tquic: cannot add the include path '%s'\n",
			path);
		exit(1);
	}
	paths[npaths++] = path;
}

bool nt_run_define(struct nt_run *run, const char *var)
{
	const char *value = strchr(var, '=');

	if (!value || nft_ctx_add_var(run->ctx, var))
		return false;
	nt_scope_define(&scope, var, value - var, value + 1,
			strlen(value + 1));
	return true;
}

static void show_text(const char *text, size_t len)
{
	struct nt_text out;

	nt_text_init(&out, NULL, text, len, NT_OUT, &scope);
	nt_text_run(&out);
	fwrite(out.out, 1, out.out_len, stdout);
	nt_text_free(&out);
}

static void show(struct nt_run *run, const char *text)
{
	if (run->json)
		nt_json_show(text, &scope);
	else
		show_text(text, strlen(text));
	fflush(stdout);
}

/* What has been declared is in the kernel now, or is not. */
static int finish(struct nt_run *run, int err)
{
	struct nt_scope fresh = { .ask = scope.ask };
	const char *messages;

	nt_scope_free(&scope);
	scope = fresh;
	messages = nft_ctx_get_output_buffer(run->ctx);
	if (messages && *messages)
		show(run, messages);
	messages = nft_ctx_get_error_buffer(run->ctx);
	if (messages && *messages)
		nt_erec_print(messages);
	return failed ? 1 : err;
}

int nt_run_buffer(struct nt_run *run, const char *text)
{
	struct source *source;
	char *json;
	int err;

	if (run->json) {
		json = nt_json_in(text, &scope);
		if (json) {
			err = nft_run_cmd_from_buffer(run->ctx, json);
			free(json);
			return finish(run, err);
		}
		if (nt_json_failed())
			return 1;
	}
	source = add_source(NULL, text, strlen(text));
	if (!source)
		return 1;
	return finish(run, nft_run_cmd_from_buffer(run->ctx, source->text.out));
}

/* Standard input becomes a file with the translation. */
static int run_stdin(struct nt_run *run, const char *text, size_t len)
{
	struct source *source = add_source(STDIN_NAME, text, len);
	int fd;

	if (!source)
		return 1;
	fd = nt_hook_memfd(source->text.out, source->text.out_len);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0) {
		perror("nft-tquic: standard input");
		return 1;
	}
	close(fd);
	return finish(run, nft_run_cmd_from_filename(run->ctx, "-"));
}

int nt_run_file(struct nt_run *run, const char *path)
{
	bool standard = !strcmp(path, "-") || !strcmp(path, STDIN_NAME);
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct nt_buf buf = {};
	char *json;
	int err;

	if (fd < 0 || nt_buf_read(&buf, fd)) {
		fprintf(stderr, "nft-tquic: %s: %s\n", path, strerror(errno));
		return 1;
	}
	if (run->json) {
		json = nt_json_in(buf.data, &scope);
		if (!json && nt_json_failed())
			return 1;
		if (json) {
			err = nft_run_cmd_from_buffer(run->ctx, json);
			free(json);
			free(buf.data);
			return finish(run, err);
		}
	}
	if (standard)
		err = run_stdin(run, buf.data, buf.len);
	else if (!add_source(path, buf.data, buf.len))
		err = 1;
	else
		err = finish(run, nft_run_cmd_from_filename(run->ctx, path));
	free(buf.data);
	return err;
}

/* Lines are complete when they end, as those of monitor do. */
static ssize_t stream_write(void *cookie, const char *data, size_t len)
{
	static struct nt_buf line;
	struct nt_run *run = cookie;
	size_t i;

	for (i = 0; i < len; i++) {
		nt_buf_add(&line, data + i, 1);
		if (data[i] != '\n')
			continue;
		show(run, line.data);
		line.len = 0;
	}
	return len;
}

FILE *nt_run_stream(struct nt_run *run)
{
	cookie_io_functions_t io = { .write = stream_write };
	FILE *stream = fopencookie(run, "w", io);

	if (stream)
		setvbuf(stream, NULL, _IOLBF, BUFSIZ);
	return stream;
}

void nt_run_exit(struct nt_run *run)
{
	struct source *source;

	nt_hook_file = NULL;
	nft_ctx_free(run->ctx);
	nt_scope_free(&scope);
	while (sources) {
		source = sources;
		sources = source->next;
		free((char *)source->text.name);
		nt_text_free(&source->text);
		free(source);
	}
}
