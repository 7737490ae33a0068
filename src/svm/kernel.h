/* The tables of what a kernel machine can be: svm_type words, kernels, and how each is lowered and read. Rows, never switches. */
#ifndef OCELOT_SVM_KERNEL_H
#define OCELOT_SVM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/model.h"
#include "kernels/profile.h"

struct ocelot_machine;

/* What the decision functions of a machine say. Indexes the columns of a family. */
enum ocelot_machine_role { OCELOT_ROLE_ONE_CLASS, OCELOT_ROLE_CLASSIFIER, OCELOT_ROLE_REGRESSOR, OCELOT_ROLE_COUNT };

/* One svm_type of LIBSVM. */
struct ocelot_machine_type {
    const char *word;
    enum ocelot_machine_role role;
};
extern const struct ocelot_machine_type ocelot_machine_types[]; /* in LIBSVM's order; ends with a NULL word */

struct ocelot_kernel_parameters {
    double gamma, power, coef0; /* NaN where the kernel has none */
    int degree;                 /* 0 where the kernel has none */
};

/* How machines of one role are lowered (`append` puts the layers behind node `input`, which holds scaled rows) and read. */
struct ocelot_machine_form {
    enum ocelot_status (*append)(const struct ocelot_machine *machine, struct ocelot_graph *graph, size_t input, struct ocelot_error *err);
    const struct ocelot_reading *reading;
    const char *method; /* default explanation, NULL = scored only */
};

/* Kernels of a distance, or kernels of a dot product. */
struct ocelot_machine_family {
    struct ocelot_machine_form form[OCELOT_ROLE_COUNT];
};
extern const struct ocelot_machine_family ocelot_family_distance, ocelot_family_dot;

/* One kernel. */
struct ocelot_machine_kernel {
    const char *name; /* rbf, laplace, generalised-gaussian, student, linear, polynomial, sigmoid */
    const char *word; /* kernel_type of the LIBSVM files that hold it */
    const struct ocelot_machine_family *family;
    const struct ocelot_profile *profile; /* of a distance kernel, else NULL */
    /* dot product kernels: K of u.x, as LIBSVM computes it */
    double (*of_dot)(const struct ocelot_kernel_parameters *p, double dot);
    /* dot product kernels: the layer behind the pre-activations z_j (u_j.x, or gamma u_j.x + coef0); NULL = none */
    enum ocelot_status (*append)(const struct ocelot_kernel_parameters *p, struct ocelot_graph *graph, size_t input, size_t *index,
                                 struct ocelot_error *err);
    /* Gauss-Legendre nodes that integrate its gradient along a line exactly; NULL = unknown */
    size_t (*nodes)(const struct ocelot_kernel_parameters *p);
    bool has_gamma, has_power, has_coef0, has_degree;
    const char *gamma; /* what training takes without being told, as ocelot_gamma_choose reads it (docs/defaults.md) */
};
extern const struct ocelot_machine_kernel ocelot_machine_kernels[]; /* ends with a NULL name */

/* The kernel of that name, or NULL. */
const struct ocelot_machine_kernel *ocelot_machine_kernel_find(const char *name);

/* The kernel that a `kernel_type` word means on its own, or NULL ("precomputed" says nothing). */
const struct ocelot_machine_kernel *ocelot_machine_kernel_of_word(const char *word);

/* True when the parameters that the kernel has are in range: gamma > 0 (any finite number for dot products), 0 < power <= 2, degree >= 0.
 * Else *expected receives what was expected, such as "gamma: a number greater than 0". Sets those that it does not have to NaN and 0. */
bool ocelot_kernel_parameters_check(const struct ocelot_machine_kernel *kernel, struct ocelot_kernel_parameters *p, const char **expected);

/* K(a, b) of two points [width] on the scale of the kernel. */
double ocelot_kernel_value(const struct ocelot_machine_kernel *kernel, const struct ocelot_kernel_parameters *p, const double *a, const double *b,
                           size_t width);

#endif
