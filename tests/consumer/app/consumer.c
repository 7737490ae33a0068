/* The smallest program that does something: reads a model from memory and explains one row. */
#include <ocelot/ocelot.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char file[] = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 1.2\nSV\n1 1:0 2:0\n1 1:1 2:0\n";

int main(void)
{
    struct ocelot_error error = {OCELOT_OK, ""};
    struct ocelot_model *model = NULL;
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    double row[2] = {0.5, 3}, relevance[2] = {0, 0}, residual = 0;
    struct ocelot_decision decision;
    struct ocelot_explanation out;
    memset(&out, 0, sizeof out);
    out.decision = &decision;
    out.relevance = relevance;
    out.residual = &residual;
    if (ocelot_svm_read_memory(file, sizeof file - 1, "model", NULL, &model, &error) || ocelot_plan_create(model, NULL, &plan, &error) ||
        ocelot_workspace_create(plan, &workspace, &error) || ocelot_explain(plan, workspace, row, 1, &out, &error))
        fprintf(stderr, "%s\n", error.message);
    printf("ocelot %s: score %g = %g + %g + residual %g\n", ocelot_version(), decision.outlier_score, relevance[0], relevance[1], residual);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
    /* o = gamma d^2 = 0.5 (0.25 + 9), the same for both support vectors. */
    return !(error.status == OCELOT_OK && decision.is_outlier && fabs(decision.outlier_score - 4.625) < 1e-12 &&
             fabs(relevance[0] + relevance[1] + residual - decision.outlier_score) < 1e-12 && relevance[1] > relevance[0]);
}
