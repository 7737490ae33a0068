#include "support/question.h"

#include <stdio.h>
#include <stdlib.h>

#include "graph/model.h"
#include "support/cmocka_include.h"

static enum ocelot_status plan(const struct ocelot_model *model, const struct question *question, struct ocelot_plan **out,
                               struct ocelot_error *error)
{
    const char *settings[2] = {question->setting, question->more};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = question->method;
    options.settings = settings;
    options.setting_count = question->more ? 2 : question->setting ? 1 : 0;
    options.precision = question->precision ? question->precision : "float64";
    options.target = question->target;
    options.background = question->background;
    options.background_rows = question->background_rows;
    options.batch = question->batch;
    return ocelot_plan_create(model, &options, out, error);
}

void question_ask(const struct ocelot_model *model, const struct question *question, const double *x, size_t rows,
                  const struct question_answer *answer)
{
    struct ocelot_plan *made = NULL;
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_error error = {0};
    size_t nodes = model->graph->count;
    struct ocelot_decision *decision = malloc(rows * sizeof *decision);
    struct ocelot_ledger_entry *ledger = malloc(rows * nodes * sizeof *ledger);
    assert_true(decision && ledger);
    if (plan(model, question, &made, &error) != OCELOT_OK || ocelot_workspace_create(made, &workspace, &error) != OCELOT_OK)
        fail_msg("%s: %s", question->method, error.message);
    struct ocelot_explanation out = {
        .decision = decision, .relevance = answer->relevance, .explained = answer->explained, .residual = answer->residual, .ledger = ledger};
    if (ocelot_explain(made, workspace, x, rows, &out, &error) != OCELOT_OK)
        fail_msg("%s: %s", question->method, error.message);
    for (size_t b = 0; b < rows; b++) {
        if (answer->output)
            answer->output[b] = decision[b].output;
        if (answer->constant)
            answer->constant[b] = ledger[b * nodes + nodes - 1].absorbed;
        for (size_t i = 0; answer->ledger && i < nodes; i++)
            answer->ledger[b * nodes + i] = ledger[b * nodes + i];
    }
    free(decision);
    free(ledger);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(made);
}

void question_refused(const struct ocelot_model *model, const struct question *question, enum ocelot_status status, char *sentence, size_t size)
{
    struct ocelot_plan *made = NULL;
    struct ocelot_error error = {0};
    assert_int_equal(plan(model, question, &made, &error), status);
    assert_null(made);
    snprintf(sentence, size, "%s", error.message);
}
