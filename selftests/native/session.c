// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>

#include <linux/string.h>

#include "log.h"
#include "session.h"

void tn_session_load(struct tn_session *session, const char *name)
{
	FILE *file = fopen(name, "rb");

	if (!file)
		return;
	if (fread(session, sizeof(*session), 1, file) != 1 ||
	    session->ticket_len > sizeof(session->ticket) ||
	    session->tparams_len > sizeof(session->tparams) ||
	    session->token_len > sizeof(session->token))
		memset(session, 0, sizeof(*session));
	fclose(file);
}

void tn_session_save(const struct tn_session *session, const char *name)
{
	FILE *file = fopen(name, "wb");

	if (!file || fwrite(session, sizeof(*session), 1, file) != 1 ||
	    fclose(file))
		tn_die("%s: %s", name, strerror(errno));
}
