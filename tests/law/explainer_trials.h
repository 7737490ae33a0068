/* Models of every kind, and one call that explains rows of them: what the laws of explainers loop over. */
#ifndef OCELOT_TESTS_EXPLAINER_TRIALS_H
#define OCELOT_TESTS_EXPLAINER_TRIALS_H

#include "ocelot/explain.h"
#include "support/network.h"

/* Features of every model but those on images, and the most of any; rows of background that laws give. */
enum { TRIAL_FEATURES = 5, TRIAL_WIDEST = 84, TRIAL_BACKGROUND = 9 };

struct trial_model {
    const char *name;
    struct ocelot_model *(*make)(void);
    bool linear;       /* every output is an affine function of the features */
    double quadrature; /* what 64 Gauss-Legendre nodes may miss, as a share of sum |R|: rounding where the kernel is a polynomial or smooth, the
                          kinks' share of the way where it is not */
};
extern const struct trial_model trial_models[]; /* ends with a NULL name */

/* A one-class model of random rows, with the training's own scaling and card. */
struct ocelot_model *trial_train(const char *kernel, const char *scaling);

/* n random rows that the model could have seen, [n][features], from a stream of `seed`. */
void trial_rows(const struct ocelot_model *model, uint64_t seed, size_t n, double *out);

/* Explains n rows: relevance [n][features], residual [n], decision [n], error [n][features], ledger [n][layers]; any of them but decision may be
 * NULL. Fails the test unless the plan can be made. */
struct trial_answer {
    struct ocelot_decision *decision;
    double *relevance, *residual, *error;
    struct ocelot_ledger_entry *ledger;
};
void trial_explain(const struct ocelot_model *model, const struct ocelot_plan_options *options, const double *rows, size_t n,
                   struct trial_answer *out);

/* Options with one method, at most one setting ("name=value" or NULL), and `rows` rows of background (NULL = none). `setting` must outlive them. */
struct ocelot_plan_options trial_options(const char *method, const char *const *setting, const double *background, size_t rows);

/* Largest |value|. */
double trial_largest(const double *values, size_t n);

#endif
