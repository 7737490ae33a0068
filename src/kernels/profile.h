/* Distance kernels K(x,u) = exp(-phi(d)), d = ||x-u||: one row a kernel. phi is given as a function of D = d^2. */
#ifndef OCELOT_KERNELS_PROFILE_H
#define OCELOT_KERNELS_PROFILE_H

#include <stddef.h>

/* Parameters of a profile: gamma > 0, and the power q of the generalised Gaussian. */
struct ocelot_profile_parameters {
    double gamma, power;
};

struct ocelot_profile {
    const char *name; /* rbf, laplace, generalised-gaussian, student */
    const char *formula;
    /* phi of a squared distance D >= 0 */
    double (*phi)(struct ocelot_profile_parameters p, double squared);
    /* D with phi(D) = value: the inverse, for relevance shares */
    double (*squared)(struct ocelot_profile_parameters p, double value);
    /* d phi / d D; at D = 0 its limit, or 0 where that is infinite (laplace, q < 2: no direction there) */
    double (*slope)(struct ocelot_profile_parameters p, double squared);
};

extern const struct ocelot_profile ocelot_profile_rbf, ocelot_profile_laplace, ocelot_profile_generalised_gaussian, ocelot_profile_student;

/* All of them, NULL-terminated. */
extern const struct ocelot_profile *const ocelot_profiles[];

/* The profile of that name, or NULL. */
const struct ocelot_profile *ocelot_profile_find(const char *name);

#endif
