/* What meaningful perturbation is made of: a mask's grid and its transpose, its variation and blur, and minimising over a box. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/descent.h"
#include "analysis/mask.h"
#include "base/rng.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { CHANNELS = 2, HEIGHT = 7, WIDTH = 5, AREA = HEIGHT * WIDTH, PIXELS = CHANNELS * AREA, MOST = 16 };

static struct ocelot_mask grid(size_t rows, size_t columns)
{
    return (struct ocelot_mask){
        .cells = rows * columns, .features = PIXELS, .rows = rows, .columns = columns, .channels = CHANNELS, .height = HEIGHT, .width = WIDTH};
}

static const size_t sizes[][2] = {{1, 1}, {1, 3}, {2, 2}, {3, 1}, {4, 3}, {4, 4}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void fill(struct ocelot_rng *rng, double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = ocelot_rng_uniform(rng);
}

static void gathering_is_the_transpose_of_spreading(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 1);
    for (size_t k = 0; k < SIZES; k++) {
        struct ocelot_mask mask = grid(sizes[k][0], sizes[k][1]);
        double cells[MOST], out[PIXELS], signal[PIXELS], gathered[MOST], left = 0, right = 0;
        fill(&rng, cells, mask.cells);
        fill(&rng, signal, PIXELS);
        ocelot_mask_spread(&mask, cells, out);
        ocelot_mask_gather(&mask, signal, gathered);
        for (size_t p = 0; p < PIXELS; p++)
            left += out[p] * signal[p];
        for (size_t n = 0; n < mask.cells; n++)
            right += cells[n] * gathered[n];
        assert_close(left, right, 1e-12, "inner product"); /* 70 products below 1 */
    }
}

static void spreading_is_bilinear(void **state)
{
    (void)state;
    struct ocelot_mask mask = grid(3, 3);
    double cells[9], out[PIXELS];
    for (size_t n = 0; n < 9; n++) /* a plane: met exactly everywhere; the corners of the grid are those of the picture */
        cells[n] = 0.1 + 0.2 * (double)(n / 3) + 0.1 * (double)(n % 3);
    ocelot_mask_spread(&mask, cells, out);
    for (size_t p = 0; p < PIXELS; p++) {
        double row = (double)(p % AREA / WIDTH) * 2 / (HEIGHT - 1), column = (double)(p % WIDTH) * 2 / (WIDTH - 1);
        assert_close(out[p], 0.1 + 0.2 * row + 0.1 * column, 1e-14, "plane");
    }
}

static void variation_has_its_gradient(void **state)
{
    (void)state;
    const double step = 1e-5, weight = 0.7;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 2);
    struct ocelot_mask mask = grid(4, 3);
    double cells[12], gradient[12] = {0}, unused[12] = {0};
    fill(&rng, cells, 12);
    (void)ocelot_mask_variation(&mask, cells, weight, gradient);
    for (size_t n = 0; n < 12; n++) {
        double kept = cells[n];
        cells[n] = kept + step;
        double above = ocelot_mask_variation(&mask, cells, 0, unused);
        cells[n] = kept - step;
        double below = ocelot_mask_variation(&mask, cells, 0, unused);
        cells[n] = kept;
        assert_close(gradient[n], weight * (above - below) / (2 * step), 1e-9, "slope"); /* step^2 times a third derivative of about 6 */
    }
    double square[12] = {1, 0, 0, 0}; /* two neighbours differ by 1 */
    assert_close(ocelot_mask_variation(&mask, square, 0, unused), 2.0 / 12, 1e-15, "variation");
}

static void blurring_keeps_what_is_flat_and_spreads_what_is_not(void **state)
{
    (void)state;
    struct ocelot_mask mask = grid(2, 2);
    double image[PIXELS], column[PIXELS], out[PIXELS];
    for (size_t p = 0; p < PIXELS; p++)
        image[p] = p < AREA ? 2 : p == AREA + 3 * WIDTH + 2; /* one channel flat, a dot in the middle of the other */
    ocelot_mask_blur(&mask, image, 0.6, column, out);
    for (size_t p = 0; p < AREA; p++)
        assert_close(out[p], 2, 1e-14, "flat");
    const double *dot = out + AREA;
    /* weights exp(-k^2 / (2 * 0.36)), k = 0 to 2, normalised in each direction */
    double beside = exp(-1 / 0.72), sum = 1 + 2 * beside + 2 * exp(-4 / 0.72);
    assert_close(dot[3 * WIDTH + 2], 1 / (sum * sum), 1e-14, "middle");
    assert_true(dot[2 * WIDTH + 2] < dot[3 * WIDTH + 2] && dot[2 * WIDTH + 2] == dot[4 * WIDTH + 2]);
    assert_close(dot[3 * WIDTH + 1], dot[3 * WIDTH + 3], 0, "sides");
}

/* (x - c)^T A (x - c) / 2 with a tridiagonal A of condition 1e3; counts its calls. */
struct bowl {
    double center[MOST];
    size_t n, calls;
};

static double bowl_value(void *context, const double *at, double *gradient)
{
    struct bowl *bowl = context;
    double value = 0;
    bowl->calls++;
    for (size_t i = 0; i < bowl->n; i++) {
        double d = at[i] - bowl->center[i], before = i ? at[i - 1] - bowl->center[i - 1] : 0;
        double after = i + 1 < bowl->n ? at[i + 1] - bowl->center[i + 1] : 0;
        gradient[i] = 2.01 * d - before - after;
        value += 0.5 * d * gradient[i];
    }
    return value;
}

static void descends_to_the_corner_that_the_gradient_holds(void **state)
{
    (void)state;
    struct bowl bowl = {.n = 8};
    double at[8], gradient[8], scratch[8 * 8];
    assert_true(ocelot_descent_scratch(8) <= sizeof scratch / sizeof *scratch);
    for (size_t i = 0; i < 8; i++) {
        bowl.center[i] = i < 3 ? -0.5 : i < 6 ? 0.4 : 1.5; /* outside below, inside, outside above */
        at[i] = 0.5;
    }
    struct ocelot_descent descent = {8, 1000, 1e-9, bowl_value, &bowl, scratch};
    double value = ocelot_descent_run(&descent, at);
    assert_close(bowl_value(&bowl, at, gradient), value, 0, "value at the point");
    for (size_t i = 0; i < 8; i++) { /* the first-order conditions of a box, which for a convex function make it the minimum */
        assert_true(at[i] >= 0 && at[i] <= 1);
        if (at[i] > 0 && at[i] < 1)
            assert_close(gradient[i], 0, 1e-8, "inside");
        else
            assert_true(at[i] == 0 ? gradient[i] >= 0 : gradient[i] <= 0);
    }
    assert_true(at[0] == 0 && at[7] == 1);
    assert_true(bowl.calls < 200);
}

static double hole_value(void *context, const double *at, double *gradient)
{
    struct bowl *bowl = context;
    if (at[0] > 0.8)
        return NAN;
    bowl->calls++;
    gradient[0] = -1;
    return -at[0];
}

static void counts_its_evaluations_and_steps_back_from_nowhere(void **state)
{
    (void)state;
    struct bowl bowl = {.n = 1};
    double at[1] = {0.5}, scratch[8];
    struct ocelot_descent descent = {1, 60, 1e-9, hole_value, &bowl, scratch};
    double value = ocelot_descent_run(&descent, at);
    assert_true(at[0] > 0.7 && at[0] <= 0.8 && value == -at[0]);
    struct bowl short_of = {.n = 8, .center = {0.1, 0.9, 0.3, 0.2, 0.7, 0.7, 0.4, 0.6}};
    double start[8] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, more[8 * 8];
    descent = (struct ocelot_descent){8, 3, 1e-9, bowl_value, &short_of, more};
    (void)ocelot_descent_run(&descent, start);
    assert_int_equal(short_of.calls, 3);
    at[0] = 0.9;
    descent = (struct ocelot_descent){1, 60, 1e-9, hole_value, &bowl, scratch};
    assert_true(isinf(ocelot_descent_run(&descent, at)) && at[0] == 0.9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gathering_is_the_transpose_of_spreading),
        cmocka_unit_test(spreading_is_bilinear),
        cmocka_unit_test(variation_has_its_gradient),
        cmocka_unit_test(blurring_keeps_what_is_flat_and_spreads_what_is_not),
        cmocka_unit_test(descends_to_the_corner_that_the_gradient_holds),
        cmocka_unit_test(counts_its_evaluations_and_steps_back_from_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
