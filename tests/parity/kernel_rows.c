/* Kernel values between rows (src/svm/kernel_rows.h) by products in double and in float, and by direct differences, against the plain loop: far from
 * the origin as far as products are taken, and beyond; every body. */
#include <float.h>
#include <math.h>

#include "base/rng.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "svm/kernel.h"
#include "svm/kernel_rows.h"

enum { N = 501, WIDTH = 37, TAKEN = 67 }; /* many pieces, the last one short, and rows of several tiles */

static const char *const kernels[] = {"rbf", "laplace", "generalised-gaussian", "student"};
static const struct ocelot_kernel_parameters p = {.gamma = 0.03, .power = 1.5};

/* Every second row stands there twice. */
static void fill(double *points, double offset)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 3);
    for (size_t r = 0; r < N; r++)
        for (size_t i = 0; i < WIDTH; i++)
            points[r * WIDTH + i] = r % 2 ? points[(r / 4) * WIDTH + i] : offset + ocelot_rng_normal(&rng);
}

/* Sums and a row of kernel values, each of which is right to `bound`. */
static void check(struct ocelot_kernel_rows *rows, const struct ocelot_machine_kernel *kernel, bool keep, double bound)
{
    struct ocelot_error err = {0};
    double sum[N] = {0}, weights[TAKEN];
    float line[N], *out[] = {line};
    size_t index[TAKEN], last = N - 1;
    for (size_t l = 0; l < TAKEN; l++) {
        index[l] = l * 7;
        weights[l] = (double)l / TAKEN;
    }
    assert_int_equal(ocelot_kernel_rows_start(rows, keep, &err), OCELOT_OK);
    if (keep)
        ocelot_kernel_rows_fetch(rows, &last, 1, out);
    assert_true(ocelot_kernel_rows_add(rows, index, weights, TAKEN, sum));
    for (size_t j = 0; j < N; j++) {
        double expected = 0;
        for (size_t l = 0; l < TAKEN; l++)
            expected += weights[l] * ocelot_kernel_value(kernel, &p, rows->points + index[l] * WIDTH, rows->points + j * WIDTH, WIDTH);
        assert_close(sum[j], expected, bound * TAKEN, kernel->name);
        expected = ocelot_kernel_value(kernel, &p, rows->points + last * WIDTH, rows->points + j * WIDTH, WIDTH);
        if (keep)
            assert_close((double)line[j], expected, bound + (double)FLT_EPSILON / 2, kernel->name); /* rounded to float */
    }
}

static void against_the_plain_loop(void **state)
{
    static const double offsets[] = {0, 3, 6, 8, 10, 1000};
    static double points[N * WIDTH];
    size_t singles = 0;
    (void)state;
    for (size_t body = 0; ocelot_kernel_bodies[body]; body++)
        for (size_t k = 0; k < sizeof kernels / sizeof *kernels && ocelot_kernel_bodies[body]->available(); k++)
            for (size_t o = 0; o < sizeof offsets / sizeof *offsets; o++) {
                const struct ocelot_machine_kernel *kernel = ocelot_machine_kernel_find(kernels[k]);
                struct ocelot_kernel_rows rows = {ocelot_kernel_bodies[body], kernel->profile, {p.gamma, p.power}, points, N, WIDTH,
                                                  .queries = points};
                fill(points, offsets[o]);
                /* epsilon times twice OCELOT_KERNEL_ROWS_REACH and a few */
                check(&rows, kernel, o % 2 == 0, 2e-13);
                double error = ocelot_kernel_rows_single_error(&rows);
                ocelot_kernel_rows_release(&rows);
                if (isinf(error))
                    continue;
                singles++;
                rows.single = true;
                /* epsilon gamma |x|^2 sqrt(d), with |x|^2 from the middle below 80 */
                assert_true(error < 2e-6);
                check(&rows, kernel, o % 2 == 0, error);
                ocelot_kernel_rows_release(&rows);
            }
    assert_true(singles >= (ocelot_kernels_find(NULL)->single ? 8 : 0)); /* two kernels, four offsets within reach */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(against_the_plain_loop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
