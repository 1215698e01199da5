/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_COMPAT_CRYPTO_CHACHA_H
#define _TQUIC_COMPAT_CRYPTO_CHACHA_H

#include_next <crypto/chacha.h>
#include "tquic_config.h"

#ifndef TQUIC_HAVE_CHACHA_STATE
/* the state was an array of words before it became a type */
struct chacha_state {
	u32 x[CHACHA_STATE_WORDS];
};

static inline void
tquic_compat_chacha_init(struct chacha_state *state, const u32 *key,
			 const u8 *iv)
{
	chacha_init(state->x, key, iv);
}

static inline void
tquic_compat_chacha20_block(struct chacha_state *state, u8 *out)
{
	chacha20_block(state->x, out);
}

static inline void
tquic_compat_chacha20_crypt(struct chacha_state *state, u8 *dst, const u8 *src,
			    unsigned int bytes)
{
	chacha20_crypt(state->x, dst, src, bytes);
}

#define chacha_init	tquic_compat_chacha_init
#define chacha20_block	tquic_compat_chacha20_block
#define chacha20_crypt	tquic_compat_chacha20_crypt
#endif

#endif /* _TQUIC_COMPAT_CRYPTO_CHACHA_H */
