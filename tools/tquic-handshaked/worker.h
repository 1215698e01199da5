/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads, each with handshakes of its own.
 */
#ifndef _TQUIC_HANDSHAKED_WORKER_H
#define _TQUIC_HANDSHAKED_WORKER_H

#include <stdbool.h>

struct th_conf;
struct th_request;

/* @count threads, 0 for one per processor; false with an error logged */
bool th_worker_start(unsigned int count);
/* waits for the threads to end; what was under way fails */
void th_worker_stop(void);
/* takes the file of @request over; false when all are busy to the limit */
bool th_worker_give(struct th_conf *conf, const struct th_request *request);
/* another file can be taken */
bool th_worker_free(void);

#endif /* _TQUIC_HANDSHAKED_WORKER_H */
