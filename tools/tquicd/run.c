// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

static bool tqd_run_put(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t n;

	while (left) {
		n = write(fd, text, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		left -= n;
	}
	return true;
}

/* All that a file has, as text. */
static char *tqd_run_get(int fd)
{
	struct stat st;
	ssize_t got;
	char *text;

	if (fstat(fd, &st))
		return NULL;
	text = calloc(1, st.st_size + 1);
	if (!text)
		return NULL;
	got = pread(fd, text, st.st_size, 0);
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[got] = 0;
	return text;
}

static pid_t tqd_run_spawn(const char *const argv[], int in, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid = -1;

	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	errno = posix_spawnp(&pid, argv[0], &files, &attr,
			     (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return errno ? -1 : pid;
}

/* Files in memory instead of pipes: neither end can block the other. */
char *tqd_run(const char *const argv[], const char *input, int *status)
{
	int in = memfd_create("in", MFD_CLOEXEC);
	int out = memfd_create("out", MFD_CLOEXEC);
	char *text = NULL;
	pid_t pid;

	if (in < 0 || out < 0 || !tqd_run_put(in, input) ||
	    lseek(in, 0, SEEK_SET))
		goto out;
	pid = tqd_run_spawn(argv, in, out);
	if (pid < 0)
		goto out;
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	text = tqd_run_get(out);
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return text;
}

char *tqd_run_read(const char *dir, const char *name)
{
	char path[4096], *text;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? strdup("") : NULL;
	text = tqd_run_get(fd);
	close(fd);
	return text;
}

int tqd_run_write(const char *dir, const char *name, const char *text,
		  bool *changed)
{
	char path[4096], temp[4110], *old = tqd_run_read(dir, name);
	bool same = old && *old && !strcmp(old, text);
	int fd, err = 0;

	if (old)
		explicit_bzero(old, strlen(old));
	free(old);
	if (changed)
		*changed = !same;
	if (same)
		return 0;
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(temp, sizeof(temp), "%s.new", path);
	/* one that died left it behind */
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return -errno;
	if (!tqd_run_put(fd, text) || fchmod(fd, 0600) || fsync(fd) ||
	    rename(temp, path))
		err = -errno;
	close(fd);
	if (err)
		unlink(temp);
	return err;
}
