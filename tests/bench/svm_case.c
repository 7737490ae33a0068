#include "svm_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/size.h"

#define TEMPORARY "/tmp/ocelot-bench-XXXXXX"

static double *room(size_t a, size_t b)
{
    size_t count;
    return ocelot_size_multiply(a, b, &count) ? ocelot_allocate(count, sizeof(double)) : NULL;
}

static void fill(struct svm_case *c, double offset, double distance)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 1);
    for (size_t k = 0; k < c->units * c->features; k++)
        c->u[k] = offset + ocelot_rng_normal(&rng);
    for (size_t k = 0; k < c->rows * c->features; k++)
        c->x[k] = offset + ocelot_rng_normal(&rng);
    for (size_t k = 0; distance > 0 && k < c->rows * c->features; k++)
        c->x[k] = c->u[k % (c->units * c->features)] + distance / sqrt((double)c->features);
    for (size_t j = 0; j < c->units; j++)
        c->alpha[j] = j % 4 ? 1 : 0.01 + 0.99 * ocelot_rng_uniform(&rng); /* most at the bound, as trained models have them */
    for (size_t b = 0; b < c->rows; b++) {
        struct svm_node *row = c->nodes + b * (c->features + 1);
        for (size_t i = 0; i < c->features; i++)
            row[i] = (struct svm_node){.index = (int)i + 1, .value = c->x[b * c->features + i]};
        row[c->features].index = -1;
    }
}

bool svm_case_write(const struct svm_case *c, FILE *out)
{
    double typical = 0;
    for (size_t j = 0; j < c->units; j++)
        typical += c->alpha[j] * exp(-fmin(600, c->gamma * 2 * (double)c->features));
    fprintf(out, "svm_type one_class\nkernel_type rbf\ngamma %.17g\nnr_class 2\ntotal_sv %zu\nrho %.17g\nSV\n", c->gamma, c->units, typical);
    for (size_t j = 0; j < c->units; j++) {
        fprintf(out, "%.17g", c->alpha[j]);
        for (size_t i = 0; i < c->features; i++)
            fprintf(out, " %zu:%.17g", i + 1, c->u[j * c->features + i]);
        fputs(" \n", out);
    }
    return !ferror(out);
}

static bool read_both(struct svm_case *c, const char *path)
{
    struct ocelot_error error = {0};
    if (ocelot_svm_read(path, NULL, &c->model, &error) != OCELOT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    c->libsvm = svm_load_model(path);
    if (!c->libsvm)
        fprintf(stderr, "LIBSVM cannot read %s\n", path);
    return c->libsvm;
}

bool svm_case_make(struct svm_case *c, size_t units, size_t features, size_t rows, double gamma)
{
    return svm_case_make_at(c, units, features, rows, gamma, 0, 0);
}

/* A file by `write`, whose name takes the place of `path`. It is the caller's to unlink, also after failure, which is said. */
static bool write_temporary(const struct svm_case *c, bool (*write)(const struct svm_case *c, FILE *out), char *path)
{
    int file = mkstemp(path);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    bool good = out && write(c, out);
    if (out)
        good &= fclose(out) == 0;
    if (!good)
        fprintf(stderr, "cannot write %s\n", path);
    return good;
}

bool svm_case_make_at(struct svm_case *c, size_t units, size_t features, size_t rows, double gamma, double offset, double distance)
{
    size_t nodes;
    *c = (struct svm_case){.units = units, .features = features, .rows = rows, .gamma = gamma};
    c->u = room(units, features);
    c->alpha = room(units, 1);
    c->x = room(rows, features);
    c->nodes = ocelot_size_multiply(rows, features + 1, &nodes) ? ocelot_allocate(nodes, sizeof *c->nodes) : NULL;
    if (!c->u || !c->alpha || !c->x || !c->nodes) {
        fputs("out of memory\n", stderr);
        return false;
    }
    fill(c, offset, distance);
    char path[] = TEMPORARY;
    bool good = write_temporary(c, svm_case_write, path) && read_both(c, path);
    unlink(path);
    return good;
}

void svm_case_free(struct svm_case *c)
{
    if (c->libsvm)
        svm_free_and_destroy_model(&c->libsvm);
    ocelot_model_free(c->model);
    free(c->u);
    free(c->alpha);
    free(c->x);
    free(c->nodes);
}

static bool write_precomputed(const struct svm_case *c, FILE *out)
{
    fprintf(out, "svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv %zu\nrho %.17g\nSV\n", c->units, 1e-3 * (double)c->units);
    for (size_t j = 0; j < c->units; j++)
        fprintf(out, "%.17g 0:%zu\n", c->alpha[j], j + 1);
    return !ferror(out);
}

struct ocelot_model *svm_case_model(const struct svm_case *c, const struct svm_kernel *kernel)
{
    struct ocelot_error error = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_svm_read_options options = {.support_rows = c->u,
                                              .support_row_count = c->units,
                                              .support_columns = c->features,
                                              .kernel = kernel->name,
                                              .gamma = kernel->gamma,
                                              .power = kernel->power};
    char path[] = TEMPORARY;
    if (write_temporary(c, write_precomputed, path) && ocelot_svm_read(path, &options, &model, &error) != OCELOT_OK)
        fprintf(stderr, "%s\n", error.message);
    unlink(path);
    return model;
}

static long double phi_of(const struct svm_kernel *kernel, long double squared)
{
    long double gamma = kernel->gamma;
    if (strcmp(kernel->name, "student") == 0)
        return log1pl(gamma * squared);
    long double power = strcmp(kernel->name, "rbf") == 0 ? 2 : strcmp(kernel->name, "laplace") == 0 ? 1 : (long double)kernel->power;
    return gamma * powl(squared, power / 2);
}

long double svm_case_oracle(const struct svm_case *c, const struct svm_kernel *kernel, size_t b, long double *relevance)
{
    const double *x = c->x + b * c->features;
    long double sum = 0, f = 0, *squared = malloc(c->units * sizeof *squared);
    memset(relevance, 0, c->features * sizeof *relevance);
    if (!squared)
        return (long double)NAN;
    for (size_t j = 0; j < c->units; j++) {
        squared[j] = 0;
        for (size_t i = 0; i < c->features; i++) {
            long double t = (long double)x[i] - (long double)c->u[j * c->features + i];
            squared[j] += t * t;
        }
        sum += (long double)c->alpha[j];
        f += (long double)c->alpha[j] * expl(-phi_of(kernel, squared[j]));
    }
    long double o = -logl(f / sum);
    for (size_t j = 0; j < c->units; j++) {
        long double phi = phi_of(kernel, squared[j]), p = (long double)c->alpha[j] / sum * expl(o - phi);
        for (size_t i = 0; i < c->features; i++) {
            long double t = (long double)x[i] - (long double)c->u[j * c->features + i];
            relevance[i] += p * fminl(o, phi) * t * t / squared[j];
        }
    }
    free(squared);
    return o;
}
