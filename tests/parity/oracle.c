#include "parity/oracle.h"

#include <math.h>
#include <stdbool.h>

#include "support/cmocka_include.h"

static void print_nothing(const char *text)
{
    (void)text;
}

void oracle_silence(void)
{
    svm_set_print_string_function(print_nothing);
}

/* u.v and |u - v|^2; indices that a row does not name are 0. */
static void compare_rows(const struct svm_node *a, const struct svm_node *b, double *dot, double *squared)
{
    *dot = *squared = 0;
    while (a->index != -1 || b->index != -1) {
        bool left = b->index == -1 || (a->index != -1 && a->index <= b->index);
        bool right = a->index == -1 || (b->index != -1 && b->index <= a->index);
        double u = left ? a->value : 0, v = right ? b->value : 0;
        *dot += u * v;
        *squared += (u - v) * (u - v);
        a += left;
        b += right;
    }
}

double oracle_kernel_value(const struct svm_parameter *p, const struct svm_node *a, const struct svm_node *b)
{
    double dot, squared;
    if (p->kernel_type == PRECOMPUTED)
        return a[(int)b->value].value;
    compare_rows(a, b, &dot, &squared);
    const double values[] = {[LINEAR] = dot,
                             [POLY] = pow(p->gamma * dot + p->coef0, p->degree),
                             [RBF] = exp(-p->gamma * squared),
                             [SIGMOID] = tanh(p->gamma * dot + p->coef0)};
    return values[p->kernel_type];
}

double oracle_scale(const struct svm_model *model, const struct svm_node *x, int i, int j, int pair)
{
    double sum = 0;
    int start = 0;
    bool classes = model->param.svm_type == C_SVC || model->param.svm_type == NU_SVC;
    for (int c = 0; c < (classes ? model->nr_class : 1); c++) {
        int count = classes ? model->nSV[c] : model->l;
        const double *coefficients = !classes ? model->sv_coef[0] : c == i ? model->sv_coef[j - 1] : c == j ? model->sv_coef[i] : NULL;
        for (int s = start; coefficients && s < start + count; s++)
            sum += fabs(coefficients[s] * oracle_kernel_value(&model->param, x, model->SV[s]));
        start += count;
    }
    return fmax(sum, fabs(model->rho[pair]));
}

struct ocelot_model *oracle_read(const char *path, const struct ocelot_svm_read_options *options)
{
    struct ocelot_error err = {0};
    struct ocelot_model *model = NULL;
    if (ocelot_svm_read(path, options, &model, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    return model;
}

void oracle_decide(const struct ocelot_model *model, const char *target, const char *kernels, const double *rows, size_t n,
                   struct ocelot_decision *out)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    struct ocelot_error err = {0};
    options.target = target;
    options.kernels = kernels;
    if (ocelot_plan_create_score(model, &options, &plan, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, &err), OCELOT_OK);
    assert_int_equal(ocelot_score(plan, workspace, rows, n, out, &err), OCELOT_OK);
    for (size_t r = 0; r < n; r++)
        assert_int_equal(out[r].status, OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
}
