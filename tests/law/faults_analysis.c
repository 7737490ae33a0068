/* Methods of the analysis library and superpixels: planned, made ready, run, judged. GSL's own allocations are its own. */
#include "law/faults.h"
#include "ocelot/analysis.h"
#include "ocelot/svm.h"

enum { FEATURES = 3, BACKGROUND = 5 };

static const char file[] = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 3\nrho 0.1\nSV\n1 1:1 2:0 3:1\n0.5 2:1\n0.7 3:2\n";
static const double background[BACKGROUND * FEATURES] = {1, 0, 1, 0, 1, 0, 0, 0, 2, 1, 1, 1, 0.5, 0.25, 1};
static const double row[FEATURES] = {3, 1, -1};

struct request {
    const char *method, *settings[3];
    size_t background, groups;
};

static enum ocelot_status explain(const struct ocelot_model *model, const struct request *request, struct ocelot_error *err)
{
    static const size_t groups[FEATURES] = {0, 1, 1};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_decision decision;
    double relevance[FEATURES];
    options.explainers = ocelot_analysis_explainers;
    options.method = request->method;
    options.settings = request->settings;
    while (request->settings[options.setting_count])
        options.setting_count++;
    options.background = request->background ? background : NULL;
    options.background_rows = request->background;
    options.groups = request->groups ? groups : NULL;
    options.group_count = request->groups;
    enum ocelot_status status = ocelot_plan_create(model, &options, &plan, err);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(plan, &workspace, err);
    if (status == OCELOT_OK)
        status = ocelot_explain(plan, workspace, row, 1, &(struct ocelot_explanation){.decision = &decision, .relevance = relevance}, err);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return status;
}

static enum ocelot_status read_and_explain(const void *argument, struct ocelot_error *err)
{
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_svm_read_memory(file, sizeof file - 1, "model", NULL, &model, err);
    if (status == OCELOT_OK)
        status = explain(model, argument, err);
    ocelot_model_free(model);
    return status;
}

static enum ocelot_status cut(const void *argument, struct ocelot_error *err)
{
    static const double image[12] = {1, 2, 3, 4, 5, 6, 0, 0, 0, 9, 9, 9};
    size_t groups[12], found;
    (void)argument;
    return ocelot_superpixels(image, 1, 3, 4, 3, groups, &found, err);
}

/* An explanation judged in every way, and the means of what came out. */
static enum ocelot_status judge(const struct ocelot_model *model, struct ocelot_error *err)
{
    static const double replacement[FEATURES] = {0}, scale[FEATURES] = {1, 1, 1};
    static const size_t block[FEATURES] = {0, 1, 2};
    const struct ocelot_subject subject = {.row = row,
                                           .replacement = replacement,
                                           .block = block,
                                           .blocks = FEATURES,
                                           .scale = scale,
                                           .path = background,
                                           .points = BACKGROUND,
                                           .part = block,
                                           .parts = FEATURES,
                                           .pool = true};
    const struct ocelot_evaluate_options measures = ocelot_evaluate_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_evaluator *evaluator = NULL;
    struct ocelot_measured measured = {.status = OCELOT_OK};
    struct ocelot_interval interval;
    enum ocelot_status status = ocelot_plan_create(model, NULL, &plan, err);
    status = status ? status : ocelot_evaluator_create(plan, plan, &measures, &evaluator, err);
    status = status ? status : ocelot_evaluator_measure(evaluator, &subject, &measured, err);
    status = status ? status : ocelot_bootstrap(measured.value, OCELOT_MEASURE_COUNT, 10, 1, &interval, err);
    ocelot_evaluator_free(evaluator);
    ocelot_plan_free(plan);
    return status;
}

static enum ocelot_status read_and_judge(const void *argument, struct ocelot_error *err)
{
    struct ocelot_model *model = NULL;
    (void)argument;
    enum ocelot_status status = ocelot_svm_read_memory(file, sizeof file - 1, "model", NULL, &model, err);
    if (status == OCELOT_OK)
        status = judge(model, err);
    ocelot_model_free(model);
    return status;
}

static const struct request exact = {"shapley", {NULL}, BACKGROUND, 0}, support = {"shapley", {"rows=2"}, 0, 0},
                            sampled = {"shapley", {"reference=expected", "exact-up-to=0"}, 0, 2}, mean = {"kernel-shap", {"reference=mean"}, 5, 0},
                            solved = {"kernel-shap", {"reference=auto", "rows=2"}, BACKGROUND, 0}, fitted = {"lime", {NULL}, BACKGROUND, 0},
                            grouped = {"lime", {"reference=row:1"}, BACKGROUND, 2};

const struct fault_scenario fault_analysis_scenarios[] = {
    {"shapley, exact", read_and_explain, &exact},
    {"shapley with support vectors", read_and_explain, &support},
    {"shapley, sampled, with expected values", read_and_explain, &sampled},
    {"kernel-shap", read_and_explain, &solved},
    {"kernel-shap with the mean", read_and_explain, &mean},
    {"lime", read_and_explain, &fitted},
    {"lime with groups", read_and_explain, &grouped},
    {"superpixels", cut, NULL},
    {"an explanation judged", read_and_judge, NULL},
    {NULL, NULL, NULL},
};
