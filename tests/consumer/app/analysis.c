/* The smallest program that explains through the analysis library: Shapley values of one row, against rows of its own, by groups. */
#include <ocelot/analysis.h>
#include <ocelot/ocelot.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char file[] = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 1.2\nSV\n1 1:0 2:0 3:0\n1 1:1 2:0 3:1\n";

int main(void)
{
    struct ocelot_error error = {OCELOT_OK, ""};
    struct ocelot_model *model = NULL;
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    const double background[6] = {0, 0, 0, 1, 0, 1}, row[3] = {0.5, 3, 0.5};
    const size_t groups[3] = {0, 1, 0};
    double relevance[3] = {0, 0, 0}, residual = 0;
    struct ocelot_decision decision;
    struct ocelot_explanation out;
    struct ocelot_plan_options options = ocelot_plan_options_default();
    memset(&out, 0, sizeof out);
    memset(&decision, 0, sizeof decision);
    out.decision = &decision;
    out.relevance = relevance;
    out.residual = &residual;
    options.explainers = ocelot_analysis_explainers;
    options.method = "shapley";
    options.background = background;
    options.background_rows = 2;
    options.groups = groups;
    options.group_count = 2;
    if (ocelot_svm_read_memory(file, sizeof file - 1, "model", NULL, &model, &error) || ocelot_plan_create(model, &options, &plan, &error) ||
        ocelot_workspace_create(plan, &workspace, &error) || ocelot_explain(plan, workspace, row, 1, &out, &error))
        fprintf(stderr, "%s\n", error.message);
    printf("score %g = %g + %g + %g + constant %g\n", decision.outlier_score, relevance[0], relevance[1], relevance[2], residual);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
    /* The members of a group share its value evenly; feature 2 is the odd one. */
    return !(error.status == OCELOT_OK && relevance[0] == relevance[2] && relevance[1] > 4 &&
             fabs(relevance[0] + relevance[1] + relevance[2] + residual - decision.outlier_score) < 1e-12);
}
