#include "kernels/kernels.h"

#include <string.h>

#include "kernels/bodies.h"
#include "kernels/exponential.h"

const struct ocelot_exponent_limits ocelot_exponent_limits = {-700, 709};
const struct ocelot_exponent_limits_single ocelot_exponent_limits_single = {-64, 88};

bool ocelot_cpu_any(void)
{
    return true;
}

/* Set by CMake when the bodies below are compiled in: x86-64 and a compiler with GNU C's built-ins. */
#if defined(OCELOT_KERNELS_X86)
bool ocelot_cpu_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

bool ocelot_cpu_avx512(void)
{
    return ocelot_cpu_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

const struct ocelot_kernels *const ocelot_kernel_bodies[] = {
    &ocelot_kernels_reference,
    &ocelot_kernels_baseline,
#if defined(OCELOT_KERNELS_X86)
    &ocelot_kernels_avx2,
    &ocelot_kernels_avx512,
#endif
    NULL,
};

const struct ocelot_kernels *ocelot_kernels_find(const char *name)
{
    const struct ocelot_kernels *found = NULL;
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++)
        if (ocelot_kernel_bodies[k]->available() && (!name || strcmp(name, ocelot_kernel_bodies[k]->name) == 0))
            found = ocelot_kernel_bodies[k];
    return found;
}
