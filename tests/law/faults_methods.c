/* Every method of both libraries on every model, with what plans are given beside it: nothing, or background rows and groups. What LIBSVM allocates
 * is its own; what GSL allocates is made to fail, too, where it is linked statically. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "law/faults.h"
#include "ocelot/analysis.h"
#include "support/cmocka_include.h"

enum { FEATURES = 3, MOST = 2000, BACKGROUND = 5 };

static const double background[BACKGROUND * FEATURES] = {3, 2.5, 3.5, 2, 3, 4, 3.25, 3, 2.75, 4, 3.5, 2, 2.5, 2, 3};
static const size_t groups[FEATURES] = {0, 1, 0};

static struct trial {
    const struct ocelot_model *model;
    const char *method;
    bool equipped; /* with background rows and groups */
    char name[80];
} trials[MOST];
static struct fault_scenario scenarios[MOST + 1];

/* Plan, workspace, a row: once the first two exist nothing can fail any more. A method that does not fit the model, or that is missing something,
 * says so: that is no fault. */
static enum ocelot_status explain(const void *argument, struct ocelot_error *err)
{
    const struct trial *trial = argument;
    static const double row[FEATURES] = {3.5, 1, 4};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_decision decision;
    double relevance[FEATURES], error[FEATURES];
    struct ocelot_explanation out = {.decision = &decision, .relevance = relevance, .standard_error = error};
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    options.method = trial->method;
    options.explainers = ocelot_analysis_explainers;
    if (trial->equipped) {
        options.background = background;
        options.background_rows = BACKGROUND;
        options.groups = groups;
        options.group_count = 2;
    }
    enum ocelot_status status = ocelot_plan_create(trial->model, &options, &plan, err);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(plan, &workspace, err);
    if (status == OCELOT_OK)
        status = ocelot_explain(plan, workspace, row, 1, &out, err);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return status;
}

/* Only what can be planned without any fault is a scenario: the rest would test a refusal, of which one a method is enough. */
void fault_methods_make(void)
{
    size_t count = 0;
    for (size_t m = 0; fault_model_at(m); m++)
        for (size_t k = 0; ocelot_analysis_method_at(k); k++)
            for (int equipped = 0; equipped < 2; equipped++) {
                struct trial *trial = &trials[count];
                struct ocelot_error error = {0};
                assert_true(count < MOST);
                *trial = (struct trial){.model = fault_model_at(m), .method = ocelot_analysis_method_at(k)->name, .equipped = equipped};
                snprintf(trial->name, sizeof trial->name, "model %zu by %s%s", m, trial->method, equipped ? " with background and groups" : "");
                enum ocelot_status status = explain(trial, &error);
                if (status == OCELOT_OK || (status == OCELOT_E_UNSUPPORTED && m == 0))
                    scenarios[count++] = (struct fault_scenario){trial->name, explain, trial};
                else if (status != OCELOT_E_UNSUPPORTED && status != OCELOT_E_ARGUMENT)
                    fail_msg("%s: %s", trial->name, error.message);
            }
}

const struct fault_scenario *fault_method_scenarios(void)
{
    return scenarios;
}
