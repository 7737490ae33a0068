/* Squared distances of every body in both precisions against long double, where they come from products, where these cancel, and between; and that a
 * distance depends on its own row and support vector alone. Coordinates are floats, so that both precisions are given the same. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "kernels/kernels.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* Points of one model and rows. */
struct scene {
    size_t m, d, rows;
    double *u, *x;
};

/* One body in one precision, with its copy of the support vectors. */
struct subject {
    const struct ocelot_kernels *kernels;
    bool single;
    void *panels;
    double largest; /* what `pack` returned */
    double epsilon, cancels;
};

static void *room(size_t bytes)
{
    void *block = aligned_alloc(64, (bytes + 127) / 64 * 64);
    assert_non_null(block);
    return block;
}

static void to_single(const double *from, size_t n, float *to)
{
    for (size_t k = 0; k < n; k++)
        to[k] = (float)from[k];
}

/* Standard normal support vectors and rows around `offset` in every coordinate. */
static struct scene scene_make(size_t m, size_t d, size_t rows, double offset)
{
    struct scene scene = {.m = m, .d = d, .rows = rows, .u = room(m * d * sizeof(double)), .x = room(rows * d * sizeof(double))};
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, m + d);
    for (size_t k = 0; k < m * d; k++)
        scene.u[k] = (double)(float)(offset + ocelot_rng_normal(&rng));
    for (size_t k = 0; k < rows * d; k++)
        scene.x[k] = (double)(float)(offset + ocelot_rng_normal(&rng));
    return scene;
}

static void scene_free(struct scene *scene)
{
    free(scene->u);
    free(scene->x);
}

/* Moves a row to about `distance` from a support vector. */
static void approach(struct scene *scene, size_t row, size_t unit, double distance)
{
    for (size_t i = 0; i < scene->d; i++)
        scene->x[row * scene->d + i] = (double)(float)(scene->u[unit * scene->d + i] + (i % 2 ? -distance : distance) / sqrt((double)scene->d));
}

static struct subject subject_make(const struct ocelot_kernels *kernels, bool single, const struct scene *scene)
{
    struct subject subject = {.kernels = kernels, .single = single, .epsilon = DBL_EPSILON, .cancels = OCELOT_CANCELS};
    if (!single) {
        subject.panels = room(kernels->packed_bytes(scene->m, scene->d));
        subject.largest = kernels->pack(scene->u, scene->m, scene->d, subject.panels);
        return subject;
    }
    float *u = room(scene->m * scene->d * sizeof *u);
    to_single(scene->u, scene->m * scene->d, u);
    subject.epsilon = (double)FLT_EPSILON;
    subject.cancels = (double)OCELOT_CANCELS_SINGLE;
    subject.panels = room(kernels->single->packed_bytes(scene->m, scene->d));
    subject.largest = (double)kernels->single->pack(u, scene->m, scene->d, subject.panels);
    free(u);
    return subject;
}

/* Distances of `rows` rows from row `first`, in double whatever the precision. */
static void measure(const struct subject *subject, const struct scene *scene, size_t first, size_t rows, double *out)
{
    const double *x = scene->x + first * scene->d;
    if (!subject->single) {
        struct ocelot_packed u = {.points = scene->u, .count = scene->m, .size = scene->d, .panels = subject->panels};
        subject->kernels->squared_distance(&u, x, rows, out);
        return;
    }
    struct ocelot_packed_single u = {.count = scene->m, .size = scene->d, .panels = subject->panels};
    float *narrow = room(rows * scene->d * sizeof *narrow), *found = room(rows * scene->m * sizeof *found);
    to_single(x, rows * scene->d, narrow);
    subject->kernels->single->squared_distance(&u, narrow, rows, found);
    for (size_t n = 0; n < rows * scene->m; n++)
        out[n] = (double)found[n];
    free(narrow);
    free(found);
}

/* The promise of kernels.h. Where the difference cancels for certain, it is direct: d terms of three roundings, some of whose sums are long double's.
 */
static void check_accuracy(const struct subject *subject, const struct scene *scene, const double *out)
{
    double terms = (double)(scene->d + 3) * subject->epsilon;
    for (size_t b = 0; b < scene->rows; b++)
        for (size_t j = 0; j < scene->m; j++) {
            long double squared = 0, sizes = 0;
            for (size_t i = 0; i < scene->d; i++) {
                long double x = (long double)scene->x[b * scene->d + i], u = (long double)scene->u[j * scene->d + i];
                squared += (x - u) * (x - u);
                sizes += x * x + u * u;
            }
            bool direct = subject->largest <= 0 || (double)squared < 0.9 * subject->cancels * (double)sizes;
            double scale = direct ? (double)squared : fmin((double)sizes, (double)squared / subject->cancels);
            assert_true(out[b * scene->m + j] >= 0);
            assert_close(out[b * scene->m + j], (double)squared, terms * scale, subject->kernels->name);
        }
}

static void across_the_guard(const struct ocelot_kernels *kernels, bool single)
{
    static const double offsets[] = {0, 0.5, 1, 2, 3, 6, 12, 25, 100, 1e4};
    static const size_t sizes[][3] = {{1, 8, 3}, {23, 7, 13}, {24, 8, 8}, {49, 31, 13}, {97, 100, 25}, {131, 17, 49}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t o = 0; o < sizeof offsets / sizeof *offsets; o++) {
            struct scene scene = scene_make(sizes[s][0], sizes[s][1], sizes[s][2], offsets[o]);
            double *out = room(scene.rows * scene.m * sizeof *out);
            struct subject subject = subject_make(kernels, single, &scene);
            if (kernels == ocelot_kernel_bodies[0] || scene.d < 8 || (scene.m > 1 && offsets[o] >= (single ? 6 : 25)))
                assert_true(subject.largest <= 0);
            else if (scene.d > 8 && offsets[o] < 1)
                assert_true(subject.largest > 0);
            for (int power = 12; power >= -36; power -= 2) {
                for (size_t b = 0; b < scene.rows; b += 3)
                    approach(&scene, b, b * 5 % sizes[s][0], power > -36 ? pow(2, power * 0.5) : 0);
                measure(&subject, &scene, 0, scene.rows, out);
                check_accuracy(&subject, &scene, out);
            }
            for (size_t b = 0; b < scene.rows; b += 3)
                assert_true(out[b * scene.m + b * 5 % sizes[s][0]] == 0);
            free(subject.panels);
            free(out);
            scene_free(&scene);
        }
}

/* Each row alone, and together, has the same bits when others near it cancel or are not finite. */
static void bits_of_each_row(const struct ocelot_kernels *kernels, bool single)
{
    enum { M = 97, D = 33, ROWS = 35 };
    struct scene scene = scene_make(M, D, ROWS, 0);
    double *all = room(sizeof *all * ROWS * M), *one = room(M * sizeof *one);
    struct subject subject = subject_make(kernels, single, &scene);
    for (size_t b = 0; b < ROWS; b += 3)
        approach(&scene, b, b * 11 % M, b % 2 ? 1e-3 : 3);
    scene.x[(size_t)5 * D + 2] = (double)INFINITY;
    scene.x[(size_t)13 * D + 7] = (double)NAN;
    scene.x[(size_t)20 * D + 1] = single ? 1e30 : 1e200;
    measure(&subject, &scene, 0, ROWS, all);
    for (size_t b = 0; b < ROWS; b++) {
        measure(&subject, &scene, b, 1, one);
        assert_memory_equal(one, all + b * M, M * sizeof *one);
        for (size_t j = 0; j < M; j++)
            assert_true(b == 13 ? isnan(one[j]) : b == 5 || b == 20 ? isinf(one[j]) : isfinite(one[j]));
    }
    free(subject.panels);
    free(all);
    free(one);
    scene_free(&scene);
}

/* `test` with every body in both precisions. */
static void every_body(void (*test)(const struct ocelot_kernels *kernels, bool single))
{
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
        if (!ocelot_kernel_bodies[k]->available())
            continue;
        test(ocelot_kernel_bodies[k], false);
        if (ocelot_kernel_bodies[k]->single)
            test(ocelot_kernel_bodies[k], true);
    }
}

static void right_across_the_guard(void **state)
{
    (void)state;
    every_body(across_the_guard);
}

static void neighbours_change_no_bit(void **state)
{
    (void)state;
    every_body(bits_of_each_row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_across_the_guard),
        cmocka_unit_test(neighbours_change_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
