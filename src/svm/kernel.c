#include "svm/kernel.h"

#include <math.h>
#include <string.h>

#include "ocelot/svm.h"
#include "ops/ops.h"

const struct ocelot_machine_type ocelot_machine_types[] = {
    {"c_svc", OCELOT_ROLE_CLASSIFIER},      {"nu_svc", OCELOT_ROLE_CLASSIFIER}, {"one_class", OCELOT_ROLE_ONE_CLASS},
    {"epsilon_svr", OCELOT_ROLE_REGRESSOR}, {"nu_svr", OCELOT_ROLE_REGRESSOR},  {NULL, OCELOT_ROLE_COUNT},
};

static double linear_of_dot(const struct ocelot_kernel_parameters *p, double dot)
{
    (void)p;
    return dot;
}

/* By repeated squaring, as LIBSVM does. */
static double polynomial_of_dot(const struct ocelot_kernel_parameters *p, double dot)
{
    double square = p->gamma * dot + p->coef0, result = 1;
    for (int t = p->degree; t > 0; t /= 2) {
        if (t % 2 == 1)
            result *= square;
        square *= square;
    }
    return result;
}

static double sigmoid_of_dot(const struct ocelot_kernel_parameters *p, double dot)
{
    return tanh(p->gamma * dot + p->coef0);
}

static enum ocelot_status append_polynomial(const struct ocelot_kernel_parameters *p, struct ocelot_graph *graph, size_t input, size_t *index,
                                            struct ocelot_error *err)
{
    return ocelot_append_power(graph, input, (size_t)p->degree, index, err);
}

static enum ocelot_status append_sigmoid(const struct ocelot_kernel_parameters *p, struct ocelot_graph *graph, size_t input, size_t *index,
                                         struct ocelot_error *err)
{
    (void)p;
    return ocelot_append_plain(graph, &ocelot_op_tanh, &input, 1, index, err);
}

static size_t linear_nodes(const struct ocelot_kernel_parameters *p)
{
    (void)p;
    return 1;
}

/* n nodes integrate polynomials of degree 2n - 1 exactly; the gradient has degree - 1. */
static size_t polynomial_nodes(const struct ocelot_kernel_parameters *p)
{
    return p->degree <= 2 ? 1 : ((size_t)p->degree + 1) / 2;
}

const struct ocelot_machine_kernel ocelot_machine_kernels[] = {
    {.name = "rbf", .word = "rbf", .family = &ocelot_family_distance, .profile = &ocelot_profile_rbf, .has_gamma = true, .gamma = "scale*4"},
    {.name = "laplace",
     .word = "precomputed",
     .family = &ocelot_family_distance,
     .profile = &ocelot_profile_laplace,
     .has_gamma = true,
     .gamma = "scale*4"},
    {.name = "generalised-gaussian",
     .word = "precomputed",
     .family = &ocelot_family_distance,
     .profile = &ocelot_profile_generalised_gaussian,
     .has_gamma = true,
     .has_power = true,
     .gamma = "scale*4"},
    {.name = "student",
     .word = "precomputed",
     .family = &ocelot_family_distance,
     .profile = &ocelot_profile_student,
     .has_gamma = true,
     .gamma = "scale*4"},
    {.name = "linear", .word = "linear", .family = &ocelot_family_dot, .of_dot = linear_of_dot, .nodes = linear_nodes},
    {.name = "polynomial",
     .word = "polynomial",
     .family = &ocelot_family_dot,
     .of_dot = polynomial_of_dot,
     .append = append_polynomial,
     .nodes = polynomial_nodes,
     .has_gamma = true,
     .has_coef0 = true,
     .has_degree = true,
     .gamma = "scale"},
    {.name = "sigmoid",
     .word = "sigmoid",
     .family = &ocelot_family_dot,
     .of_dot = sigmoid_of_dot,
     .append = append_sigmoid,
     .has_gamma = true,
     .has_coef0 = true,
     .gamma = "scale"},
    {.name = NULL},
};

const struct ocelot_machine_kernel *ocelot_machine_kernel_find(const char *name)
{
    for (const struct ocelot_machine_kernel *k = ocelot_machine_kernels; k->name; k++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

const struct ocelot_machine_kernel *ocelot_machine_kernel_of_word(const char *word)
{
    const struct ocelot_machine_kernel *kernel = ocelot_machine_kernel_find(word);
    return kernel && strcmp(kernel->word, word) == 0 ? kernel : NULL;
}

const char *ocelot_svm_kernel(size_t k)
{
    size_t count = sizeof ocelot_machine_kernels / sizeof *ocelot_machine_kernels - 1;
    return k < count ? ocelot_machine_kernels[k].name : NULL;
}

bool ocelot_kernel_parameters_check(const struct ocelot_machine_kernel *kernel, struct ocelot_kernel_parameters *p, const char **expected)
{
    *expected = NULL;
    if (!kernel->has_gamma)
        p->gamma = NAN;
    else if (!isfinite(p->gamma) || (kernel->profile && !(p->gamma > 0)))
        *expected = kernel->profile ? "gamma: a finite number greater than 0" : "gamma: a finite number";
    if (!kernel->has_power)
        p->power = NAN;
    else if (!(p->power > 0 && p->power <= 2))
        *expected = "power: a number greater than 0 and at most 2";
    if (!kernel->has_coef0)
        p->coef0 = NAN;
    else if (!isfinite(p->coef0))
        *expected = "coef0: a finite number";
    if (!kernel->has_degree)
        p->degree = 0;
    else if (p->degree < 0)
        *expected = "degree: a whole number of at least 0";
    return !*expected;
}

double ocelot_kernel_value(const struct ocelot_machine_kernel *kernel, const struct ocelot_kernel_parameters *p, const double *a, const double *b,
                           size_t width)
{
    double sum = 0;
    for (size_t i = 0; i < width; i++)
        sum += kernel->profile ? (a[i] - b[i]) * (a[i] - b[i]) : a[i] * b[i];
    if (!kernel->profile)
        return kernel->of_dot(p, sum);
    return exp(-kernel->profile->phi((struct ocelot_profile_parameters){p->gamma, p->power}, sum));
}
