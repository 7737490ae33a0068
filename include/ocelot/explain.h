/* Scoring and explaining rows: model -> plan (immutable, shareable) -> workspace (one per thread) -> results with their ledger. */
#ifndef OCELOT_EXPLAIN_H
#define OCELOT_EXPLAIN_H

#include <stdint.h>

#include "ocelot/model.h"
#include "ocelot/option.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One explanation method, for listings. Static storage. */
struct ocelot_method {
    const char *name;                    /* "dtd" */
    const char *summary;                 /* one line: what it computes */
    const char *needs;                   /* "relevance", "gradient", ... */
    const char *cost;                    /* in model evaluations a row */
    const char *source;                  /* paper */
    const struct ocelot_option *options; /* its settings, for help texts */
};

/* Method k, or NULL past the last. */
OCELOT_API const struct ocelot_method *ocelot_method_at(size_t k);

struct ocelot_explainer; /* ocelot/explainer.h */

/* The most threads that a workspace may have. */
#define OCELOT_MOST_THREADS 64

/* How to explain. Start from `ocelot_plan_options_default()`. */
struct ocelot_plan_options {
    const char *method;          /* a name of ocelot_method_at, or NULL = the model's default */
    const char *const *settings; /* "name=value" for the method's options */
    size_t setting_count;
    const char *target; /* classifiers: an output's name, as ocelot_model_output gives it; NULL = predicted class against the runner-up, row by row */
    bool log_ratio;     /* networks: explain log p / (1 - p) of the target instead of its logit */
    double alpha;       /* outlier iff p_value <= alpha; 0 = as the model decides */
    size_t batch;       /* rows of one inner step, 1..4096; 0 = chosen for the cache */
    const char *precision; /* "float64" or "float32": of networks the layers that have it; of one-class kernel machines and ensembles with a kernel of
                              a distance the distances and pooling under dtd and dtd-conserving, right to 1e-5 of the score, where a row that float
                              would not do justice to is computed in float64. Machines to which float32 gains nothing, of fewer than 200 support
                              vectors or of sparse ones, compute in float64. Rows, scores, and what is read from them stay float64. NULL = float64,
                              for large networks float32 */
    size_t threads;        /* that share one row's work in each workspace, 1..64: of large networks, in float32. 0 = 1: the library starts no thread
                              unless asked to. No bit of any result depends on it */
    const char *kernels;   /* "reference", "baseline", "avx2", "avx512": which arithmetic; NULL = the fastest this CPU has */
    const char *points; /* of kernel machines of a distance: "dense" or "sparse", whether all coordinates of the support vectors are gone through or
                           those that are not 0; NULL = whichever takes less time for so many of them */

    const struct ocelot_explainer *const *explainers; /* NULL-terminated: methods of other libraries beside the library's own; NULL = none */
    const double *background;                         /* [background_rows][features] raw and finite, for methods that need data: what stands for
                                                         "normal". Copied. NULL = the support vectors of a one-class model, else none */
    size_t background_rows;
    const size_t *groups; /* [features]: the group of each feature, 0..group_count-1, each with a member: sampling methods treat it as one player.
                             Copied. NULL = every feature by itself */
    size_t group_count;
    size_t randomise; /* not 0: a seed; the plan's weights are permuted within every layer, a model destroyed: what explanations that read the
                         model must notice (Adebayo 2018) */
};
OCELOT_API struct ocelot_plan_options ocelot_plan_options_default(void);

/* Immutable: prepared weights, sizes, chosen arithmetic. Any number of threads may share one. The model must outlive it. */
struct ocelot_plan;

/* Fails with OCELOT_E_ARGUMENT for unknown names, OCELOT_E_UNSUPPORTED when the method's definition forbids this model. `options` may be NULL. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_plan_create(const struct ocelot_model *model, const struct ocelot_plan_options *options,
                                                                 struct ocelot_plan **out, struct ocelot_error *err);
/* A plan that can only score: for models without an explanation method, and cheaper in memory. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_plan_create_score(const struct ocelot_model *model, const struct ocelot_plan_options *options,
                                                                       struct ocelot_plan **out, struct ocelot_error *err);
OCELOT_API void ocelot_plan_free(struct ocelot_plan *plan);

OCELOT_API const char *ocelot_plan_method(const struct ocelot_plan *plan);  /* the method's name; NULL for score-only plans */
OCELOT_API bool ocelot_plan_signed(const struct ocelot_plan *plan);         /* relevances may be negative: order and shares go by |R| */
OCELOT_API bool ocelot_plan_samples(const struct ocelot_plan *plan);        /* answers carry standard errors */
OCELOT_API const char *ocelot_plan_kernels(const struct ocelot_plan *plan); /* the arithmetic chosen */
OCELOT_API size_t ocelot_plan_batch(const struct ocelot_plan *plan);        /* rows of one inner step */
OCELOT_API size_t ocelot_plan_workspace_bytes(const struct ocelot_plan *plan);

/* The rule that a propagation plan gives layer `layer` of its model, such as "gamma:0.25", as a string that the caller frees with free(); "" for
 * layers that carry their own relevance, and for other plans. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_plan_rule(const struct ocelot_plan *plan, size_t layer, char **out, struct ocelot_error *err);

/* Everything a walk writes to, in one allocation. One per thread. Nothing is allocated after it exists. */
struct ocelot_workspace;
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_workspace_create(const struct ocelot_plan *plan, struct ocelot_workspace **out,
                                                                      struct ocelot_error *err);
OCELOT_API void ocelot_workspace_free(struct ocelot_workspace *workspace);

/* How many of the plan's threads the next calls in this workspace use, from 1 to all, which is where it begins: for callers that sometimes have rows
 * enough for workspaces side by side, and sometimes a single one. */
OCELOT_API void ocelot_workspace_use_threads(struct ocelot_workspace *workspace, size_t threads);

/* What explanations cost: how many rows went through the model in this workspace so far, forward (values) and backward (gradients, relevance). */
OCELOT_API void ocelot_workspace_walks(const struct ocelot_workspace *workspace, size_t *forward, size_t *backward);

/* What the model says of one row. Numbers that do not exist for the model or the row are NaN. */
struct ocelot_decision {
    enum ocelot_status status; /* OCELOT_E_VALUE: the row held NaN or infinity, or its output overflows; every number below is then NaN. From
                                * ocelot_explain also: the method's relevance overflows; then these are the score's, and the relevance is NaN */
    bool is_outlier;           /* !(decision_value > 0), or p_value <= alpha */
    double outlier_score;      /* grows with abnormality; NaN for classifiers and regressors */
    double threshold;
    double decision_value; /* LIBSVM's f - rho, positive = normal; classifiers: of the target pair */
    double p_value;        /* conformal: (1 + #{held-out scores >= score}) / (n + 1) */
    double output;         /* what is explained: outlier_score, a pair's output, or a regression value */
    size_t target;         /* index of the explained output */
    double predicted;      /* classifiers: label; regressors: value; one-class: +1 or -1 */
};

/* Scores n raw rows [n][features]. Per-row trouble is in out[i].status; the return value is for trouble of the call. No allocation. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_score(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *rows,
                                                           size_t n, struct ocelot_decision *out, struct ocelot_error *err);

/* Rows by their entries, as LIBSVM's data and compressed sparse rows (CSR) have them: row r holds entries start[r] to start[r + 1], and 0 in every
 * other feature. The caller owns all arrays. */
struct ocelot_sparse_rows {
    const size_t *start;     /* [n + 1], never falling; the first need not be 0 */
    const uint32_t *feature; /* from 0 in model order; ascending within a row, each once */
    const double *value;     /* may be 0 */
};

/* The same of n raw rows by their entries, to the bit, for models of every kind; wide rows of few entries take less time so. OCELOT_E_ARGUMENT where
 * features do not ascend, OCELOT_E_SHAPE where one is not the model's: nothing is scored then. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_score_sparse(const struct ocelot_plan *plan, struct ocelot_workspace *workspace,
                                                                  const struct ocelot_sparse_rows *rows, size_t n, struct ocelot_decision *out,
                                                                  struct ocelot_error *err);

/* All outputs of n raw rows, [n][outputs of the model]: a network's logits, a classifier's pairs. A forward walk of its own; rows that cannot be
 * scored are NaN. No allocation. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_outputs(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *rows,
                                                             size_t n, double *out, struct ocelot_error *err);

/* What one layer did with the relevance that reached it. received = passed + absorbed + residual + leaked + absent, to rounding. */
struct ocelot_ledger_entry {
    double received;  /* sum over the layer's outputs */
    double passed;    /* sum over its inputs */
    double absorbed;  /* kept by biases, constants and stabilisers */
    double residual;  /* what no input accounts for: sum_j p_j (o - phi_j)+ of a soft-min */
    double leaked;    /* lost where a share has no direction: an empty group, a distance of zero */
    double absent;    /* stacked models: on features that are 0, patterns that the image lacks: no pixel holds them */
    double magnitude; /* sum of |R| over the layer's outputs: what closure is measured against */
};

/* Where the results of n rows go. The caller owns every array; NULL = not wanted. Rows with a bad status are NaN throughout. */
struct ocelot_explanation {
    struct ocelot_decision *decision; /* [n], required */
    double *relevance;                /* [n][features], in model order */
    double *lack;                     /* [n][features], the part of relevance from features of the network below those of the support vectors; what is
                                         above them is relevance - lack. 0 unless the model is stacked on a network, NaN where the method cannot tell */
    double *standard_error;           /* [n][features], of relevance; NaN where the method does not sample */
    double *explained;                /* [n], sum of relevance */
    double *residual;                 /* [n], output - explained, from the ledger */
    double *excess;                   /* [n], outlier_score - threshold */
    double *nearest;                  /* [n][features], nearest normal pattern, raw units; NaN where the model has none */
    double *support;                  /* [n][support_vectors], weights p_j, sum 1; NaN where the model has none */
    struct ocelot_ledger_entry *ledger; /* [n][layers of the model] */
    double *expected; /* [n][features], what the other features lead one to expect of each, raw units, right to 1e-10 of the range of
                         the feature in the support vectors (ocelot_expected); needs `nearest` and `support` to be cheap */
};

/* Explains n raw rows [n][features]. Same rules as ocelot_score. `relevance` sums to `explained`; `output = explained + residual`. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_explain(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *rows,
                                                             size_t n, struct ocelot_explanation *out, struct ocelot_error *err);

/* The same of n raw rows by their entries, to the bit; as ocelot_score_sparse. Relevances are dense all the same: a feature that a row lacks has
 * relevance wherever a support vector holds it. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_explain_sparse(const struct ocelot_plan *plan, struct ocelot_workspace *workspace,
                                                                    const struct ocelot_sparse_rows *rows, size_t n, struct ocelot_explanation *out,
                                                                    struct ocelot_error *err);

/* Deep Taylor decomposition's premise at one layer: relevance is a product R_j = a_j c_j with c_j nearly constant around a row. */
struct ocelot_product_structure {
    size_t neurons;              /* that are active with relevance in the row and in all of its copies */
    double variation;            /* relative deviation of c_j between row and copies, weighted by |R_j|; NaN without neurons */
    double activation_variation; /* the same of a_j: what c_j is nearly constant against */
};

/* Measures it for every layer of the model, out [layers], around one raw row [features] with `copies` noisy copies of it (normal noise of standard
 * deviation noise [features] in raw units, from `seed`). The plan must propagate and have a batch of at least copies + 1. No allocation. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_measure_product_structure(const struct ocelot_plan *plan, struct ocelot_workspace *workspace,
                                                                               const double *row, const double *noise, size_t copies, size_t seed,
                                                                               struct ocelot_product_structure *out, struct ocelot_error *err);

/* What the other features lead one to expect: out[k] = expected value of features[k] (k < count; features NULL = 0..count-1) of one raw row,
 * in raw units. For distance kernels sum_j p_j^(-i) u_ij; for the others the reference point; NaN where there is none.
 * Costs m exponentials a feature, so ask for the features that are shown; those of all features come with
 * ocelot_explain (explanation.expected) for much less. No allocation. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_expected(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *row,
                                                              const size_t *features, size_t count, double *out, struct ocelot_error *err);

/* The same to about 12 digits, from the row's `support` as ocelot_explain told it: no distance is computed again, and for the Gaussian kernel most
 * exponentials are short polynomials, so asking for all features costs little more than explaining. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_expected_from_support(const struct ocelot_plan *plan, struct ocelot_workspace *workspace,
                                                                           const double *row, const double *support, const size_t *features,
                                                                           size_t count, double *out, struct ocelot_error *err);

#ifdef __cplusplus
}
#endif

#endif
