/* Training that is watched: shares that grow from 0 to 1, an end whenever it is asked for, and the same model as without. */
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ocelot/svm.h"
#include "support/cmocka_include.h"
#include "svm/machine.h"

enum { ROWS = 5000, COLUMNS = 4 };

struct seen {
    size_t calls, most; /* most: calls after which the answer is to end; 0 = never */
    double share;
};

static double rows[ROWS * COLUMNS];

static int make(void **state)
{
    struct ocelot_rng rng;
    (void)state;
    ocelot_rng_seed(&rng, 11);
    for (size_t k = 0; k < (size_t)ROWS * COLUMNS; k++)
        rows[k] = ocelot_rng_normal(&rng);
    return 0;
}

static bool tell(void *closure, double share)
{
    struct seen *seen = closure;
    if (!(share >= seen->share && share <= 1))
        fail_msg("share %g after %g", share, seen->share);
    seen->share = share;
    return ++seen->calls != seen->most;
}

static enum ocelot_status train(const char *gamma, const char *solver, const struct ocelot_watch *watch, struct ocelot_model **model)
{
    struct ocelot_train_options options;
    struct ocelot_error err = {0};
    ocelot_options_default(ocelot_train_option_table, &options);
    options.gamma = gamma;
    options.solver = solver;
    *model = NULL;
    enum ocelot_status status = ocelot_svm_train_watched(rows, ROWS, COLUMNS, NULL, &options, watch, model, &err);
    if (status == OCELOT_E_STOPPED) {
        assert_null(*model);
        assert_string_equal(err.message, "training was stopped before its end");
    } else if (status != OCELOT_OK) {
        fail_msg("%s", err.message);
    }
    return status;
}

/* Rounds, the whole problem at once, and members of an ensemble. */
static const char *const widths[] = {"0.1", "20", "0.1,1,20"};

static void shares(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        struct seen seen = {0};
        const struct ocelot_watch watch = {tell, &seen};
        struct ocelot_model *model, *alone;
        struct ocelot_model_info a, b;
        assert_int_equal(train(widths[k], "own", &watch, &model), OCELOT_OK);
        assert_true(seen.calls > 20);
        assert_true(seen.share > 0.5);
        assert_int_equal(train(widths[k], "own", NULL, &alone), OCELOT_OK);
        ocelot_model_describe(model, &a);
        ocelot_model_describe(alone, &b);
        assert_true(a.iterations == b.iterations && a.gap == b.gap && a.support_vectors == b.support_vectors);
        ocelot_model_free(model);
        ocelot_model_free(alone);
    }
}

/* At every call for a while, then at ever rarer ones; nothing may leak (valgrind, sanitizers). */
static void ends(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        enum ocelot_status status = OCELOT_E_STOPPED;
        size_t ended = 0;
        for (size_t most = 1; status == OCELOT_E_STOPPED; most += most < 12 ? 1 : most / 2) {
            struct seen seen = {.most = most};
            const struct ocelot_watch watch = {tell, &seen};
            struct ocelot_model *model;
            status = train(widths[k], "own", &watch, &model);
            assert_true(status == OCELOT_OK ? seen.calls < most : seen.calls == most);
            ended += status == OCELOT_E_STOPPED;
            ocelot_model_free(model);
        }
        assert_true(ended > 12);
    }
}

static void libsvm_tells_nothing(void **state)
{
    (void)state;
    struct seen seen = {.most = 1};
    const struct ocelot_watch watch = {tell, &seen};
    struct ocelot_model *model;
    struct ocelot_model_info info;
    assert_int_equal(train("0.1", "libsvm", &watch, &model), OCELOT_OK);
    assert_int_equal(seen.calls, 0);
    ocelot_model_describe(model, &info);
    assert_string_equal(info.solver, "libsvm");
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares), cmocka_unit_test(ends), cmocka_unit_test(libsvm_tells_nothing)};
    return cmocka_run_group_tests(tests, make, NULL);
}
