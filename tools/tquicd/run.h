/* SPDX-License-Identifier: GPL-2.0 */
/* Files and programs. */
#ifndef _TQUICD_RUN_H
#define _TQUICD_RUN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a program prints, standard error included, which has to be freed; NULL
 * when it cannot be run.  @input is what it reads.
 */
char *tqd_run(const char *const argv[], const char *input, int *status);

/*
 * Put @text in place of what @dir/@name has, for nobody but the owner, all or
 * nothing; @changed, if there is one, tells whether it had something else.
 * 0 or -errno.
 */
int tqd_run_write(const char *dir, const char *name, const char *text,
		  bool *changed);
/* what @dir/@name has, "" if it is not there; to be freed */
char *tqd_run_read(const char *dir, const char *name);

#endif /* _TQUICD_RUN_H */
