/* Models, rows and one-call explanations for the laws of methods that sample, fit and minimise. */
#ifndef OCELOT_TESTS_LAW_VIEWS_H
#define OCELOT_TESTS_LAW_VIEWS_H

#include "ocelot/analysis.h"
#include "support/network.h"

enum { VIEW_MOST = 2048, VIEW_ROWS = 64 };

/* How to explain; what is zero is the default. */
struct view_task {
    struct ocelot_model *model;
    const char *method, *target;
    const char *settings[4]; /* "name=value", as many as there are */
    const double *background;
    size_t background_rows;
    const size_t *groups;
    size_t group_count, batch;
};

struct view_answer {
    double relevance[VIEW_MOST], error[VIEW_MOST];
    double output[VIEW_ROWS], explained[VIEW_ROWS], residual[VIEW_ROWS]; /* residual: what is neither relevance nor constant */
    double constant[VIEW_ROWS];
};

/* Explains n rows; fails the running test with the library's sentence. */
void view_explain(const struct view_task *task, const double *rows, size_t n, struct view_answer *out);

/* Status and sentence of a plan that cannot be made. */
enum ocelot_status view_refusal(const struct view_task *task, struct ocelot_error *err);

/* f at a row, as the model says it. */
double view_output(const struct ocelot_model *model, const double *row);

/* One dense layer: sum w_i x_i + bias; and with outputs, weights [outputs][d], no bias. */
struct ocelot_model *view_linear(const double *weights, size_t d, double bias);
struct ocelot_model *view_outputs(const double *weights, size_t d, size_t outputs);

/* sum_i w_i op(s_i x_i), additive: `op` is element-wise without parameters; NULL = the third power. */
struct ocelot_model *view_additive(const double *weights, const double *slopes, size_t d, const struct ocelot_op *op);

/* Dense -> ReLU -> Dense of random weights, in which the last feature is not seen. */
struct ocelot_model *view_blind(struct ocelot_rng *rng, size_t d, size_t width);

#endif
