/* SPDX-License-Identifier: GPL-2.0 */
/* Keys, for the handshake agent. */
#ifndef _TQUICD_PSK_H
#define _TQUICD_PSK_H

#include <stdbool.h>

#include "conf.h"

/* what the agent calls them, and where it looks: tquic-handshaked(8) */
#define TQD_PSK_PROFILE		"tquicd"
#define TQD_PSK_FILE		"psk"

/* false with an error logged */
bool tqd_psk_write(const struct tqd_conf *conf, const char *dir);

#endif /* _TQUICD_PSK_H */
