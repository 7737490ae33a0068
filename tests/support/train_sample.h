/* Rows to train on, and training that must succeed. Included by one test each. */
#ifndef OCELOT_TESTS_TRAIN_SAMPLE_H
#define OCELOT_TESTS_TRAIN_SAMPLE_H

#include "base/rng.h"
#include "ocelot/svm.h"
#include "support/cmocka_include.h"

enum { ROWS = 60, COLUMNS = 4 };

static void fill(double *rows, size_t n, size_t d, uint64_t seed)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, seed);
    for (size_t k = 0; k < n * d; k++)
        rows[k] = ocelot_rng_normal(&rng) * (double)(1 + k % d) + 3;
}

static struct ocelot_train_options defaults(void)
{
    struct ocelot_train_options options;
    ocelot_options_default(ocelot_train_option_table, &options);
    return options;
}

static struct ocelot_model *train(const double *rows, const struct ocelot_train_options *options)
{
    struct ocelot_model *model;
    struct ocelot_error err = {0};
    if (ocelot_svm_train(rows, ROWS, COLUMNS, NULL, options, &model, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    return model;
}

#endif
