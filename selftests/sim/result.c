// SPDX-License-Identifier: GPL-2.0
#include "result.h"

void series_init(struct series *s, u64 duration)
{
	s->bin = max(10 * MS, div_u64(duration, 200000));
	s->count = div64_u64(duration, s->bin) + 1;
	s->bytes = xalloc(s->count * sizeof(*s->bytes));
}

void result_free(struct result *r)
{
	int i;

	for (i = 0; i < r->nflows; i++) {
		free(r->flows[i].series.bytes);
		free(r->flows[i].gaps);
		free(r->flows[i].messages.msg);
	}
	for (i = 0; i < r->sc->nlegs; i++) {
		free(r->leg[i].srtt);
		free(r->leg[i].carried.bytes);
	}
	free(r->flows);
	free(r->marks);
	free(r);
}
