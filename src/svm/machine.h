/* A kernel machine as LIBSVM knows it: coefficients, support vectors, constants, and what the card adds. The source of a model. */
#ifndef OCELOT_SVM_MACHINE_H
#define OCELOT_SVM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "kernels/sparse.h"
#include "ocelot/svm.h"
#include "svm/kernel.h"

/* Number of values of a `prob_density_marks` line. */
enum { OCELOT_DENSITY_MARKS = 10 };

/* How the machine was trained, as the card tells it. */
struct ocelot_training {
    size_t rows;    /* trained on; 0 = unknown */
    double nu;      /* NaN = unknown */
    char gamma[32]; /* the text asked for, such as "scale" */
    size_t sample, seed;
    double holdout, tolerance;
    char solver[16];   /* "own", "libsvm"; empty = unknown */
    size_t iterations; /* of the own solver */
    double gap;        /* of its stopping rule in the end, computed anew; NaN = unknown */
    double solved_rho; /* rho as the SVM solved it, where the held-out rows moved it; else NaN */
};

/* Where a machine on features of a network takes them from; node NULL = its rows are the features. */
struct ocelot_machine_network {
    char *node; /* name of the layer whose activations are the features */
    char *path; /* of the network's file, as this process finds it; NULL = it was made in memory, and the model cannot be written */
    size_t size;
    uint32_t crc;    /* of the file: another is refused */
    size_t rank;     /* of the network's input, which its file may leave open */
    size_t shape[4]; /* [rank] */
};

/* Support vectors that slide over an image; height 0 = they are as large as the row. */
struct ocelot_machine_patch {
    size_t height, width, stride;
    size_t shape[3];  /* channels, height, width of what they slide over: the row, or the network's layer */
    double threshold; /* of the summed scores; NaN = none could be found */
};

/* What the card of the first member of an ensemble adds. Outlier scores of the members add up, and the sum has a threshold of its own. */
struct ocelot_machine_ensemble {
    size_t members;   /* 0 = not an ensemble */
    double threshold; /* of the summed scores; NaN = none could be found */
    double *held_out; /* summed scores, sorted ascending */
    size_t held_out_count;
};

/* What the card adds to a plain LIBSVM file. Arrays are [width] of the machine, or NULL. */
struct ocelot_card {
    char **names;
    char *scaling;           /* name of the scaling; NULL = none */
    double *center, *factor; /* scaled = (raw - center) * factor; NULL = identity */
    double *low, *median, *high;
    double *unit;     /* for comparing deviations between features, raw; NULL = as the scaling's */
    double *held_out; /* sorted ascending */
    size_t held_out_count;
    struct ocelot_training training;
    struct ocelot_machine_network network;
    struct ocelot_machine_patch patch;
    struct ocelot_machine_ensemble ensemble;
};

struct ocelot_machine {
    struct ocelot_machine *next; /* the following member of an ensemble, owned; NULL = none */
    const struct ocelot_machine_type *type;
    const struct ocelot_machine_kernel *kernel;
    struct ocelot_kernel_parameters parameters;
    size_t classes; /* nr_class; 2 unless a classifier */
    size_t pairs;   /* decision functions: classes (classes-1) / 2, 1 unless a classifier */
    size_t count;   /* m, support vectors */
    size_t width;   /* d, features */
    long first;     /* LIBSVM's index of feature 0: 0 or 1 */

    double *coefficients;          /* [classes-1][count], LIBSVM's sv_coef */
    double *support;               /* [count][width], dense, on the scale of the kernel */
    double *rho;                   /* [pairs] */
    double *prob_a, *prob_b;       /* [pairs] or NULL; kept for writing */
    double *density;               /* [OCELOT_DENSITY_MARKS] or NULL; kept for writing */
    int *labels;                   /* [classes] or NULL */
    int *members;                  /* [classes] or NULL: support vectors of each class, in file order */
    struct ocelot_entries entries; /* of support; where few are not 0 they stay, else only while a model is made of the machine */
    double *sums;                  /* [2 pairs], distance classifiers: A+ and A- of each pair, the bias included; made by ocelot_machine_model */

    double absent_factor; /* factor of a feature that neither model nor scaling names: 1, or 0 under a range file, which drops it */
    bool has_card;        /* the card below came from a file or from training here */
    struct ocelot_card card;
};

/* Frees a machine; NULL is allowed. `source_free` of models made from one. */
void ocelot_machine_free(void *machine);

/* The machine behind a model, or NULL when the model has another source. Its features are the model's only if ocelot_machine_plain. */
const struct ocelot_machine *ocelot_machine_of(const struct ocelot_model *model);

/* Whether rows are what the machine sees, and not their patches or what a network makes of them. */
bool ocelot_machine_plain(const struct ocelot_machine *machine);

/* Whether rows are scored by soft-min pooling of distances: a one-class machine with a kernel of a distance, and plain. */
bool ocelot_machine_pools(const struct ocelot_machine *machine);

/* Fails with OCELOT_E_LIMIT when a model of these sizes (its network included) would take more than `limit` bytes (0 = 8 GiB).
 * Called before anything of that size is allocated. `name` begins the sentence (a path), or is NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_fits(const struct ocelot_machine *machine, size_t limit, const char *name,
                                                       struct ocelot_error *err);

/* Allocates coefficients, support and rho of machine->count, width, classes and pairs, zeroed. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_allocate(struct ocelot_machine *machine, struct ocelot_error *err);

/* The coefficients of decision function `pair` into row [count]: 0 for support vectors that have no part in it. */
void ocelot_machine_pair(const struct ocelot_machine *machine, size_t pair, double *row);

/* Classes of pair number `pair`, as LIBSVM counts them: (0,1), (0,2), ..., (1,2), ... */
void ocelot_machine_pair_classes(const struct ocelot_machine *machine, size_t pair, size_t *i, size_t *j);

/* Removes the support vectors of a one-class machine whose coefficient is 0: they have no part in any decision. OCELOT_E_FORMAT when
 * none is left. Other machines are left as they are. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_drop_zeros(struct ocelot_machine *machine, const char *name, struct ocelot_error *err);

/* Gives every row the LIBSVM indices first..last, which must include those it has: support vectors are 0 and the card says nothing at the
 * new ones. OCELOT_E_SHAPE when a feature would be lost, OCELOT_E_LIMIT as ocelot_machine_fits. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_widen(struct ocelot_machine *machine, long first, long last, size_t limit,
                                                        struct ocelot_error *err);

/* The machine of a model file in memory, with its card and under `options` (NULL = none); the network that it may name is not read. `name` stands for
 * the path. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_read(const char *bytes, size_t size, const char *name,
                                                       const struct ocelot_svm_read_options *options, struct ocelot_machine **out,
                                                       struct ocelot_error *err);

/* A deep copy into *out. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_copy(const struct ocelot_machine *machine, struct ocelot_machine **out, struct ocelot_error *err);

/* scaled[i] = (row[i] - center_i) * factor_i, or a copy when nothing is scaled. */
void ocelot_machine_scale(const struct ocelot_machine *machine, const double *row, double *scaled);

/* Feature i of a scaled value in raw units; the center where the scaling drops the feature. */
double ocelot_machine_raw(const struct ocelot_machine *machine, size_t i, double scaled);

/* K of a scaled row with support vector j. */
double ocelot_machine_kernel_value(const struct ocelot_machine *machine, const double *scaled, size_t j);

/* Builds the model: network, features, decisions, warnings. Takes ownership of `machine` in every case. `source` is a static string:
 * where it came from. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_model(struct ocelot_machine *machine, const char *source, struct ocelot_model **out,
                                                        struct ocelot_error *err);

/* Likewise on features of a network: `network` is a model whose last node has machine->width activations. Rows, names and shape are the
 * network's. Takes ownership of both in every case. NULL = ocelot_machine_model. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_model_on(struct ocelot_machine *machine, struct ocelot_model *network, const char *source,
                                                           struct ocelot_model **out, struct ocelot_error *err);

/* "f" and LIBSVM's index: the name of a feature that no card names. The caller frees it; NULL when out of memory. */
char *ocelot_machine_feature_name(long index);

/* Adds what a user should know about the machine to the model's warnings (warn.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_warn(struct ocelot_model *model, const struct ocelot_machine *machine, struct ocelot_error *err);

#endif
