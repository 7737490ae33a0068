/* The passes over all rows that a solver takes (src/kernels/solve.h): every body against the plain loops. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* Values with many ties, so that the first of equal ones is asked for. alpha: 0, 1 or between. */
static void fill_step(double *g, double *alpha, float *u, float *v, size_t n, unsigned seed)
{
    for (size_t k = 0; k < n; k++) {
        seed = seed * 1664525u + 1013904223u;
        g[k] = (double)(seed >> 29);
        alpha[k] = (double)(seed >> 20 & 3) / 2;
        alpha[k] = alpha[k] > 1 ? 1 : alpha[k];
        u[k] = (float)(seed >> 10 & 7) / 7;
        v[k] = (float)(seed >> 13 & 7) / 8;
    }
}

/* Passes of a solver: every body against the plain loops, also where no row may grow or shrink. Values are small binary fractions, so that sums
 * are exact and every body has to pick the same row. */
static void steps_of_a_solver(void **state)
{
    (void)state;
    enum { MOST = 131, ROWS = 11 };
    static const double factors[ROWS] = {0.5, 0.25, 1, 0, 0.5, 0.75, 0.125, 1, 0.5, 0.25, 0.5};
    static double rows[ROWS * MOST], products[ROWS * MOST], expected_products[ROWS * MOST];
    for (size_t l = 0; l < (size_t)ROWS * MOST; l++)
        rows[l] = (double)(l % 37) / 8;
    const struct ocelot_kernels *reference = ocelot_kernels_find("reference");
    for (size_t k = 1; ocelot_kernel_bodies[k]; k++)
        for (size_t n = 1; n <= MOST && ocelot_kernel_bodies[k]->available(); n++)
            for (unsigned seed = 0; seed < 8; seed++) {
                const struct ocelot_kernels *body = ocelot_kernel_bodies[k];
                double g[MOST], expected_g[MOST], alpha[MOST], low, high, expected_low, expected_high;
                float u[MOST], v[MOST];
                fill_step(g, alpha, u, v, n, seed);
                for (size_t l = 0; seed >= 6 && l < n; l++)
                    alpha[l] = seed - 6;
                memcpy(expected_g, g, n * sizeof *g);
                size_t found = body->descend(g, alpha, v, 0.5, v, -0.25, n, &low, &high);
                size_t expected = reference->descend(expected_g, alpha, v, 0.5, v, -0.25, n, &expected_low, &expected_high);
                assert_int_equal(found, expected);
                assert_memory_equal(g, expected_g, n * sizeof *g);
                assert_true(low == expected_low && high == expected_high);
                assert_int_equal(body->partner(g, alpha, u, 1.5, n), reference->partner(g, alpha, u, 1.5, n));
                memcpy(products, rows, sizeof rows);
                memcpy(expected_products, rows, sizeof rows);
                body->distances_of_products(products, factors, ROWS, rows, n);
                reference->distances_of_products(expected_products, factors, ROWS, rows, n);
                assert_memory_equal(products, expected_products, sizeof rows);
                body->add_scaled(rows, factors, ROWS, n, g);
                reference->add_scaled(rows, factors, ROWS, n, expected_g);
                assert_memory_equal(g, expected_g, n * sizeof *g);
            }
}

static void decay_on_arrays(void **state)
{
    (void)state;
    const double values[] = {0, 1e-300, 1e-17, 0.5, 1, 3, 40, 700, 709, 1e5, (double)INFINITY};
    enum { N = sizeof values / sizeof *values };
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++)
        if (ocelot_kernel_bodies[k]->available()) {
            double out[N];
            memcpy(out, values, sizeof out);
            ocelot_kernel_bodies[k]->decay(out, N);
            for (size_t l = 0; l < N; l++)
                assert_close(out[l], exp(-values[l]), 3 * DBL_EPSILON * exp(-values[l]) + DBL_MIN, ocelot_kernel_bodies[k]->name);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(steps_of_a_solver), cmocka_unit_test(decay_on_arrays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
