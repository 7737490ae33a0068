/* The library's own explainers and what they share. The contract is public: ocelot/explainer.h. Propagation methods choose rules and walk; all
 * others see only the function view (view.c). One const struct each, listed once in table.c. */
#ifndef OCELOT_EXPLAIN_EXPLAINER_H
#define OCELOT_EXPLAIN_EXPLAINER_H

#include "ocelot/explainer.h"
#include "run/plan.h"

extern const struct ocelot_explainer ocelot_explainer_dtd, ocelot_explainer_dtd_conserving, ocelot_explainer_lrp;
extern const struct ocelot_explainer ocelot_explainer_excitation_backprop, ocelot_explainer_contribution_propagation;
extern const struct ocelot_explainer ocelot_explainer_guided_backprop, ocelot_explainer_deconvnet, ocelot_explainer_deeplift;
extern const struct ocelot_explainer ocelot_explainer_pattern_net, ocelot_explainer_pattern_attribution;
extern const struct ocelot_explainer ocelot_explainer_cam, ocelot_explainer_grad_cam;
extern const struct ocelot_explainer ocelot_explainer_gradient, ocelot_explainer_smooth_grad;
extern const struct ocelot_explainer ocelot_explainer_gradient_x_input, ocelot_explainer_taylor, ocelot_explainer_integrated_gradients,
    ocelot_explainer_additive;
extern const struct ocelot_explainer ocelot_explainer_occlusion, ocelot_explainer_nearest_neighbour;
extern const struct ocelot_explainer ocelot_explainer_deviation, ocelot_explainer_random;

/* All of them, NULL-terminated. */
extern const struct ocelot_explainer *const ocelot_explainers[];

/* The method of that name, in the library's table or in `others` (NULL-terminated, or NULL). */
const struct ocelot_explainer *ocelot_explainer_find(const char *name, const struct ocelot_explainer *const *others);

/* OCELOT_E_VALUE with a sentence that names the feature, unless every value of a raw row [features] is finite. */
OCELOT_MUST_USE enum ocelot_status ocelot_row_finite(const struct ocelot_model *model, const double *row, struct ocelot_error *err);

/* plan->background, weights and players from the options. On failure ocelot_plan_free releases what there is. */
OCELOT_MUST_USE enum ocelot_status ocelot_plan_take_background(struct ocelot_plan *plan, const struct ocelot_plan_options *options,
                                                               struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_plan_take_groups(struct ocelot_plan *plan, const struct ocelot_plan_options *options,
                                                           struct ocelot_error *err);

/* Forward walk and decisions of the rows in activation[0], whose decisions hold their status so far; a row whose outputs overflow is a row that
 * cannot be scored. */
void ocelot_decide(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows);

/* The relevance that a propagation method begins with, into the last node's signal. */
void ocelot_seed(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows);

/* The signal that a gradient walk begins with: 1, or the explained output itself, at every row's target. */
void ocelot_seed_signal(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, bool output);

/* For methods with a `rule` that walk the gradient: row b's relevance is what they left in signal[0]. Enters f = sum R + constant + residual. */
void ocelot_answer_signal(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, double constant);

/* The run of every propagation method: seeds the target with its output, walks relevance. */
void ocelot_propagate(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows);

/* Whether features of a network stand before the distances: then relevance of the two sides is told apart. */
bool ocelot_model_stacked(const struct ocelot_model *model);

/* What ocelot_propagate does for such models, from the seed in signal[last]: signal[0] is the whole relevance, w->lack the part of it from lack.
 * Wants so many doubles in w->extra (0 for other models). */
void ocelot_sides_walk(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows);
size_t ocelot_sides_extra(const struct ocelot_plan *plan);

/* The distance and soft-min nodes of member k of a one-class model by distance: an ensemble's network ends in the sum of several such pairs, a single
 * machine has one member. 0 members: the network has another form. */
size_t ocelot_normal_members(const struct ocelot_model *model);
void ocelot_normal_member(const struct ocelot_model *model, size_t k, size_t *distance, size_t *softmin);

/* Support weights p_j of row b (after a forward walk) into shares [m]; nearest_i = sum_j p_j u_ij in raw units into nearest [features] unless
 * NULL. Of an ensemble member k's are weighted by its part o_k / o of the score. Only for models with ocelot_normal_members. Uses the workspace's
 * scratch. */
void ocelot_normal_nearest(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, double *shares, double *nearest);

/* The nearest patterns [rows][features] of rows whose shares [rows][m] are known, for a single machine that is not stacked. */
void ocelot_normal_patterns(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *shares, size_t rows, double *nearest);

/* What the other features lead one to expect of each, [rows][features], likewise and while the forward walk stands; NaN where one has to ask
 * ocelot_expected_from_support. */
void ocelot_normal_expected(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *shares, size_t rows, double *expected);

/* log p_c / (1 - p_c) of logits [classes] at class `target`. */
double ocelot_log_ratio(const double *logits, size_t classes, size_t target);

/* The relevance [classes] to seed the logits with so that the epsilon rule explains the log-ratio; returns what has no direction (equal logits). */
double ocelot_log_ratio_seed(const double *logits, size_t classes, size_t target, double *seed);

/* Whether a plan with these rules can explain the log-ratio. */
OCELOT_MUST_USE enum ocelot_status ocelot_log_ratio_allowed(const struct ocelot_model *model, const struct ocelot_explainer *explainer,
                                                            const struct ocelot_rule *rules, struct ocelot_error *err);

/* `per_row` points of each row of the workspace, evaluated in full batches. `place` writes point k of row b, raw, [features]; `take` receives f
 * there, of the row's target, and where `slopes` its gradient [features], else NULL. Rows with a bad status have no points. Both are called in order
 * of b and k; what a row's points are may not depend on the others, so that results do not depend on the batch. */
struct ocelot_points {
    size_t per_row;
    bool slopes;
    void (*place)(void *task, size_t b, size_t k, double *point);
    void (*take)(void *task, size_t b, size_t k, double value, const double *gradient);
    void *task;
};
void ocelot_points_walk(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, const struct ocelot_points *points);

/* A root x~: where a path to the row begins, or what stands for features that are taken away. */
struct ocelot_root {
    const struct ocelot_root_kind *kind;
    double *point; /* [features], owned; NULL where it depends on the row */
};

/* For `allows`: whether `text` names a root: auto, zero, mean, expected, nearest, reference or row:N. `option` is what messages call it. */
OCELOT_MUST_USE enum ocelot_status ocelot_root_check(const char *option, const char *text, struct ocelot_error *err);

/* For `learn`: the root of that name, "auto" being the first of `chain` (names with a blank between) that the model has. OCELOT_E_UNSUPPORTED with a
 * sentence where it has none. On failure *root may still be closed. */
OCELOT_MUST_USE enum ocelot_status ocelot_root_open(const struct ocelot_plan *plan, const char *option, const char *text, const char *chain,
                                                    struct ocelot_root *root, struct ocelot_error *err);
void ocelot_root_close(struct ocelot_root *root);

/* Roots of the rows x [rows][features] into out, likewise, zeros for rows with a bad status. First thing in `run`: it may read the activations of the
 * batch's forward walk, and may overwrite them. */
void ocelot_root_rows(const struct ocelot_root *root, const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows,
                      double *out);

/* Gauss-Legendre nodes and weights on [0, 1], exact for polynomials up to degree 2n - 1. */
void ocelot_quadrature(size_t n, double *nodes, double *weights);

#endif
