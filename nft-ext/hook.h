/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the C library that this program defines itself, so that
 * libnftables and libmnl, which know nothing of it, call them.
 */
#ifndef NT_HOOK_H
#define NT_HOOK_H

#include <stdbool.h>
#include <stddef.h>

/* what a file which libnftables opens for reading shall hold */
extern bool (*nt_hook_file)(const char *path, const char **text, size_t *len);

/* the last complaint of the kernel about a native expression, 0 for none */
extern int nt_hook_errno;
extern char nt_hook_message[256];

/* A file in memory that holds a text; -1 and errno. */
int nt_hook_memfd(const char *text, size_t len);

#endif /* NT_HOOK_H */
