/* The own solver against LIBSVM, over kernels, nu and data that are hard for one of them; and against its own promise, the gap. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/size.h"
#include "ocelot/svm.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "svm/machine.h"

/* Both stop at this gap of the gradient. LIBSVM keeps kernel values in float32: each is off by up to 2^-24 = 6e-8 of itself, as are then the
 * gradient and the objective; errors of many values average out. */
#define TOLERANCE 1e-7
#define OBJECTIVE_BOUND 1e-7
#define VALUE_BOUND 1e-6

enum { WIDTH = 6 };

struct data {
    const char *name;
    size_t n;
    void (*spoil)(double *rows, size_t n);
    const char *gamma; /* NULL = a mild one */
};

static void duplicates(double *rows, size_t n)
{
    for (size_t r = 1; r < n; r += 2)
        memcpy(rows + r * WIDTH, rows + (r / 4) * WIDTH, WIDTH * sizeof *rows);
}

static void all_equal(double *rows, size_t n)
{
    for (size_t k = 0; k < n * WIDTH; k++)
        rows[k] = 1.5;
}

static void constant_columns(double *rows, size_t n)
{
    for (size_t r = 0; r < n; r++)
        rows[r * WIDTH + 1] = rows[r * WIDTH + 4] = -7;
}

static void clusters(double *rows, size_t n)
{
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < WIDTH; i++)
            rows[r * WIDTH + i] = rows[r * WIDTH + i] * 0.2 + (double)(r % 5) * (double)(i + 1);
}

/* Not farther: LIBSVM expands squares, and loses epsilon |x|^2 of every distance. */
static void far_away(double *rows, size_t n)
{
    for (size_t k = 0; k < n * WIDTH; k++)
        rows[k] += 100;
}

static void nothing(double *rows, size_t n)
{
    (void)rows;
    (void)n;
}

static const struct data data_sets[] = {
    {"plain", 150, nothing, NULL},
    {"two rows", 2, nothing, NULL},
    {"three rows", 3, nothing, NULL},
    {"duplicates", 120, duplicates, NULL},
    {"all equal", 40, all_equal, NULL},
    {"constant columns", 97, constant_columns, NULL},
    {"clusters", 150, clusters, NULL},
    {"far away", 90, far_away, NULL},
    {"diagonal kernel", 130, nothing, "1e4"},
    {"kernel of ones", 130, nothing, "1e-9"},
    {"guessed", 700, clusters, NULL},
};

static const char *const kernels[] = {"rbf", "laplace", "generalised-gaussian", "student"};

static double *make_rows(const struct data *data, uint64_t seed)
{
    struct ocelot_rng rng;
    double *rows = ocelot_allocate(data->n * WIDTH, sizeof *rows);
    assert_non_null(rows);
    ocelot_rng_seed(&rng, seed);
    for (size_t k = 0; k < data->n * WIDTH; k++)
        rows[k] = ocelot_rng_normal(&rng);
    data->spoil(rows, data->n);
    return rows;
}

static struct ocelot_train_options options_for(const char *kernel, const char *gamma, double nu)
{
    struct ocelot_train_options options;
    ocelot_options_default(ocelot_train_option_table, &options);
    options.kernel = kernel;
    options.gamma = gamma ? gamma : "0.3";
    options.nu = nu;
    options.scaling = "none";
    options.holdout = 0;
    options.tolerance = TOLERANCE;
    return options;
}

static struct ocelot_model *train(const double *rows, size_t n, struct ocelot_train_options options, const char *solver)
{
    struct ocelot_model *model;
    struct ocelot_error err = {0};
    options.solver = solver;
    if (ocelot_svm_train(rows, n, WIDTH, NULL, &options, &model, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    return model;
}

/* (K alpha)_k of all rows, and alpha K alpha / 2. */
static double gradient_of(const struct ocelot_machine *m, const double *rows, size_t n, double *gradient)
{
    double objective = 0;
    for (size_t k = 0; k < n; k++) {
        gradient[k] = 0;
        for (size_t j = 0; j < m->count; j++)
            gradient[k] += m->coefficients[j] * ocelot_machine_kernel_value(m, rows + k * WIDTH, j);
    }
    for (size_t j = 0; j < m->count; j++)
        for (size_t l = 0; l < m->count; l++)
            objective += m->coefficients[j] * m->coefficients[l] * ocelot_machine_kernel_value(m, m->support + j * WIDTH, l) / 2;
    return objective;
}

/* max{g: alpha > 0} - min{g: alpha < 1} from nothing but the machine and the rows. Rows may repeat: every support vector is the next row equal to it.
 */
static double gap_of(const struct ocelot_machine *m, const double *rows, size_t n, const double *gradient)
{
    double least = (double)INFINITY, greatest = -(double)INFINITY;
    size_t j = 0;
    for (size_t k = 0; k < n; k++) {
        bool support = j < m->count && memcmp(rows + k * WIDTH, m->support + j * WIDTH, WIDTH * sizeof *rows) == 0;
        double alpha = support ? m->coefficients[j++] : 0;
        if (alpha > 0)
            greatest = fmax(greatest, gradient[k]);
        if (alpha < 1)
            least = fmin(least, gradient[k]);
    }
    assert_int_equal(j, m->count);
    return greatest - least;
}

static void check_alpha(const struct ocelot_machine *m, double total, const char *what)
{
    double sum = 0;
    for (size_t j = 0; j < m->count; j++) {
        assert_true(m->coefficients[j] > 0 && m->coefficients[j] <= 1);
        sum += m->coefficients[j];
    }
    assert_close(sum, total, 1e-12 * total, what); /* as many roundings as steps */
}

static void compare(const struct data *data, const char *kernel, double nu, size_t cache_mb)
{
    char what[128];
    double *rows = make_rows(data, 5), *mine = ocelot_allocate(data->n, sizeof *mine), *theirs = ocelot_allocate(data->n, sizeof *theirs);
    struct ocelot_train_options options = options_for(kernel, data->gamma, nu);
    snprintf(what, sizeof what, "%s, %s, nu %g", data->name, kernel, nu);
    options.cache_mb = (double)cache_mb;
    struct ocelot_model *own = train(rows, data->n, options, "own"), *oracle = train(rows, data->n, options, "libsvm");
    const struct ocelot_machine *a = ocelot_machine_of(own), *b = ocelot_machine_of(oracle);
    double objective = gradient_of(a, rows, data->n, mine), expected = gradient_of(b, rows, data->n, theirs);
    struct ocelot_model_info info;
    ocelot_model_describe(own, &info);
    assert_string_equal(info.solver, "own");
    check_alpha(a, nu * (double)data->n, what);
    /* rounding of sums of that size, beside what was promised */
    assert_true(info.gap < fmax(TOLERANCE, 1e-13 * a->rho[0]));
    assert_true(gap_of(a, rows, data->n, mine) < fmax(TOLERANCE, 1e-13 * a->rho[0]) + 1e-12 * a->rho[0]);
    assert_close(objective, expected, OBJECTIVE_BOUND * expected, what);
    assert_close(a->rho[0], b->rho[0], VALUE_BOUND * fmax(1, b->rho[0]), what);
    for (size_t k = 0; k < data->n; k++)
        assert_close(mine[k] - a->rho[0], theirs[k] - b->rho[0], VALUE_BOUND * fmax(1, b->rho[0]), what);
    ocelot_model_free(own);
    ocelot_model_free(oracle);
    free(rows);
    free(mine);
    free(theirs);
}

static void same_optimum(void **state)
{
    (void)state;
    static const double nus[] = {0.013, 0.1, 0.5, 0.97};
    for (size_t s = 0; s < sizeof data_sets / sizeof *data_sets; s++)
        for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
            for (size_t v = 0; v < sizeof nus / sizeof *nus; v++)
                compare(&data_sets[s], kernels[k], nus[v], 200);
}

/* More rows than are solved at once, so that there are rounds, and a cache that holds few of the kernel rows. */
static void rounds_and_little_memory(void **state)
{
    (void)state;
    static const struct data large[] = {{"rounds", 3000, nothing, NULL}, {"rounds, many free", 2500, clusters, "3"}};
    for (size_t s = 0; s < sizeof large / sizeof *large; s++) {
        compare(&large[s], "rbf", 0.1, 200);
        compare(&large[s], "rbf", 0.1, 1);
    }
}

/* The same seed twice, and another seed. */
static void same_again(void **state)
{
    (void)state;
    const struct data data = {"again", 900, clusters, NULL};
    double *rows = make_rows(&data, 8);
    struct ocelot_train_options options = options_for("rbf", NULL, 0.07);
    struct ocelot_model *first = train(rows, data.n, options, NULL), *again = train(rows, data.n, options, "own");
    options.seed = 77;
    struct ocelot_model *other = train(rows, data.n, options, "own");
    const struct ocelot_machine *a = ocelot_machine_of(first), *b = ocelot_machine_of(again), *c = ocelot_machine_of(other);
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->coefficients, b->coefficients, a->count * sizeof *a->coefficients);
    assert_memory_equal(a->rho, b->rho, sizeof *a->rho);
    assert_close(c->rho[0], a->rho[0], VALUE_BOUND * a->rho[0], "another seed");
    ocelot_model_free(first);
    ocelot_model_free(again);
    ocelot_model_free(other);
    free(rows);
}

/* nu = 1 leaves no row on the border; dot products have no own solver; no matrix, so no limit of memory where LIBSVM has one. */
static void refusals(void **state)
{
    (void)state;
    const struct data data = {"few", 20, nothing, NULL};
    double *rows = make_rows(&data, 8);
    static const char *const solvers[] = {"own", "libsvm"};
    struct ocelot_model *model;
    for (size_t k = 0; k < 2; k++) {
        struct ocelot_error err = {0};
        struct ocelot_train_options options = options_for("rbf", NULL, 1);
        options.solver = solvers[k];
        assert_int_equal(ocelot_svm_train(rows, data.n, WIDTH, NULL, &options, &model, &err), OCELOT_E_VALUE);
        assert_non_null(strstr(err.message, "nu is too near 1"));
    }
    struct ocelot_error err = {0};
    struct ocelot_train_options options = options_for("linear", NULL, 0.1);
    options.gamma = NULL;
    options.solver = "own";
    assert_int_equal(ocelot_svm_train(rows, data.n, WIDTH, NULL, &options, &model, &err), OCELOT_E_UNSUPPORTED);
    err = (struct ocelot_error){0};
    options.solver = "cplex";
    assert_int_equal(ocelot_svm_train(rows, data.n, WIDTH, NULL, &options, &model, &err), OCELOT_E_ARGUMENT);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_optimum), cmocka_unit_test(rounds_and_little_memory), cmocka_unit_test(same_again),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
