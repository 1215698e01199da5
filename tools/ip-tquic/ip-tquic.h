/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the commands of ip-tquic. */
#ifndef _IP_TQUIC_H
#define _IP_TQUIC_H

#include <jansson.h>
#include <libmnl/libmnl.h>
#include <linux/tquic.h>
#include <linux/tquic_genl.h>
#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "genl.h"

/* as ip: 1 for what the user did wrong, 2 for what the kernel refused */
#define EXIT_USAGE	1
#define EXIT_KERNEL	2

/**
 * struct options - before the command
 * @json: print JSON
 * @pretty: with line breaks
 * @stats: counters, too
 * @details: everything
 * @color: 0 never, 1 on a terminal, 2 always
 */
struct options {
	bool json;
	bool pretty;
	bool stats;
	bool details;
	int color;
};

extern struct options opt;

/* args.c: words of the command line */
struct args {
	int n;
	char **v;
};

void die(int status, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
bool arg_is(struct args *args, const char *word);
const char *arg_next(struct args *args, const char *what);
void arg_end(const struct args *args);
uint64_t arg_number(struct args *args, const char *what, uint64_t max);
bool arg_conn_id(struct args *args, uint32_t *id);
bool arg_switch(struct args *args, const char *what);
void arg_check(const char *word, const char *complaint);
void arg_address(struct args *args, const char *what, uint8_t addr[16],
		 uint16_t *port);
uint32_t arg_device(struct args *args);

/* genl.c: the kernel; each ends the program when it refuses */
struct nlmsghdr *genl_start(uint8_t cmd, bool dump);
void genl_ask(struct nlmsghdr *nlh, void (*cb)(const struct nlmsghdr *nlh,
					       void *arg), void *arg);
void genl_listen(void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg)
	__attribute__((noreturn));

/* out.c */
enum color {
	COLOR_NAME,
	COLOR_ADDRESS,
	COLOR_GOOD,
	COLOR_BAD,
};

void out_json(json_t *value);
void out_colored(enum color color, const char *text);
void out_conn(const json_t *conn);
void out_path(const json_t *path, bool alone);
long long out_num(const json_t *object, const char *key);
const char *out_str(const json_t *object, const char *key);
void out_word(const json_t *object, const char *key, const char *label);
void out_endpoint(const json_t *object, const char *label, const char *addr,
		  const char *port);

/* out_tunnel.c */
void out_tunnel(const json_t *tunnel);
void out_client(const json_t *client);
void out_forward(const json_t *forward);
void out_flow(const json_t *flow);

/* commands */
int cmd_show(struct args *args);
int cmd_close(struct args *args);
int cmd_flush(struct args *args);
int cmd_path(struct args *args);
int cmd_tunnel(struct args *args);
int cmd_client(struct args *args);
int cmd_forward(struct args *args);
int cmd_flows(struct args *args);
int cmd_scheduler(struct args *args);
int cmd_congestion(struct args *args);
int cmd_stats(struct args *args);
int cmd_monitor(struct args *args);

#endif /* _IP_TQUIC_H */
