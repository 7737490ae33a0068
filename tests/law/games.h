/* Models, background rows and plans for the laws of methods that play (shapley, kernel-shap, lime). */
#ifndef OCELOT_TESTS_GAMES_H
#define OCELOT_TESTS_GAMES_H

#include "ocelot/analysis.h"
#include "support/network.h"

enum { GAME_WIDTH = 10, GAME_ROWS = 9, GAME_BACKGROUND = 7, GAME_VALUES = GAME_ROWS * GAME_WIDTH };

/* Models of GAME_WIDTH features. */
struct game_model {
    const char *name;
    struct ocelot_model *(*make)(void);
};
extern const struct game_model game_models[]; /* ends with a NULL name */

struct ocelot_model *game_linear(void);    /* one dense layer */
struct ocelot_model *game_relu(void);      /* two dense layers with ReLU between */
struct ocelot_model *game_kernel(void);    /* Gaussian distances and a soft-min */
struct ocelot_model *game_sum(void);       /* three outputs, the third the sum of the others */
struct ocelot_model *game_symmetric(void); /* features 0 and 1 may be exchanged; 2 is not seen */

/* GAME_ROWS rows and GAME_BACKGROUND background rows, the same for every test. */
struct game_data {
    double rows[GAME_ROWS][GAME_WIDTH], background[GAME_BACKGROUND][GAME_WIDTH];
};
struct game_data game_data(void);

struct game_answer {
    double relevance[GAME_ROWS][GAME_WIDTH], error[GAME_ROWS][GAME_WIDTH], output[GAME_ROWS], explained[GAME_ROWS], residual[GAME_ROWS],
        constant[GAME_ROWS];
};

/* Explains all rows. `settings` are up to four of "name=value", ending with NULL. */
struct game_ask {
    const struct ocelot_model *model;
    const struct game_data *data; /* its background; NULL background_rows = none */
    const char *method, *target;
    const char *settings[5];
    const size_t *groups;
    size_t group_count, batch;
    bool no_background;
};
struct game_answer game_explain(const struct game_ask *ask);

/* Outputs of n points [n][features] of the model's only output. */
void game_outputs(const struct ocelot_model *model, const double *points, size_t n, double *out);

#endif
