/* SPDX-License-Identifier: GPL-2.0 */
/* Running commands in libnftables, words and carriers exchanged. */
#ifndef NT_RUN_H
#define NT_RUN_H

#include <nftables/libnftables.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * struct nt_run - a run
 * @ctx: libnftables' context
 * @json: input and output are JSON
 */
struct nt_run {
	struct nft_ctx *ctx;
	bool json;
};

void nt_run_init(struct nt_run *run, bool json);
void nt_run_include_path(struct nt_run *run, const char *path);
/* "NAME=VALUE"; false if it is not of this form */
bool nt_run_define(struct nt_run *run, const char *var);
/* 0, or libnftables' failure */
int nt_run_buffer(struct nt_run *run, const char *text);
int nt_run_file(struct nt_run *run, const char *path);
/* A stream of lines, each of which goes to standard output translated. */
FILE *nt_run_stream(struct nt_run *run);
void nt_run_exit(struct nt_run *run);

#endif /* NT_RUN_H */
