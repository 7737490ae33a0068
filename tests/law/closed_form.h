/* One-class deep Taylor decomposition in long double, written from the formulas alone, and the network of the same model: for law tests of both
 * precisions. */
#ifndef OCELOT_TESTS_CLOSED_FORM_H
#define OCELOT_TESTS_CLOSED_FORM_H

#include "explain/explainer.h"
#include "kernels/profile.h"

enum { D = 9, M = 223 }; /* features; the most support vectors */

/* Kernels of a distance: all of them. */
struct kernel {
    const struct ocelot_profile *profile;
    double power;
};
enum { KERNELS = 4 };
extern const struct kernel kernels[KERNELS];

/* Where the query lies, and how far the data are from the origin. */
struct setting {
    const char *name;
    double gamma, offset, distance; /* of the query from support vector 0; negative = a random row */
};
enum { SETTINGS = 9 };
extern const struct setting settings[SETTINGS]; /* the first is the easiest */

struct problem {
    size_t m;
    double u[M][D], w[M], x[D];
    struct ocelot_profile_parameters p;
    const struct kernel *kernel;
};

struct answer {
    long double o, relevance[D], residual, nearest[D], expected[D];
};

/* Results of the network, with slots for one row. */
struct got {
    struct ocelot_decision decision;
    double relevance[D], residual, nearest[D], expected[D], quick[D], support[M];
};

struct problem pose(const struct kernel *kernel, const struct setting *s, size_t m);
struct answer closed_form(const struct problem *q, bool conserving);

/* Names as in struct ocelot_plan_options. */
struct got by_network(const struct problem *q, const char *method, const char *body, const char *precision, const char *points);

#endif
