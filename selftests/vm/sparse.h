/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read before everything else when sparse runs: what the kernel of today uses
 * and Debian 13's sparse does not know.
 */
#define __typeof_unqual__ __typeof__
/* It knows this one, but not as a constant in a static_assert(). */
#define __builtin_strlen(string) (sizeof(string) - 1)
