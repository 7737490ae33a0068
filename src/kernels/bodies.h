/* The bodies compiled into this build, and which CPU runs them. Only kernels.c and the bodies themselves include this. */
#ifndef OCELOT_KERNELS_BODIES_H
#define OCELOT_KERNELS_BODIES_H

#include "kernels/kernels.h"

extern const struct ocelot_kernels ocelot_kernels_reference, ocelot_kernels_baseline;
extern const struct ocelot_kernels ocelot_kernels_avx2, ocelot_kernels_avx512; /* x86-64 only */

/* Whether this CPU (and the operating system's saving of its registers) can run a body. They stand in a file of their own since the
 * body's own file is compiled with instructions that the CPU may not have. */
bool ocelot_cpu_any(void);
bool ocelot_cpu_avx2(void);
bool ocelot_cpu_avx512(void);

#endif
