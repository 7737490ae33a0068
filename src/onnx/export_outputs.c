/* What stands behind the network in an ONNX file: its outputs by name, and for kernel machines what is said about a row. */
#include <math.h>

#include "onnx/export.h"
#include "svm/machine.h"

static const char *times(struct ocelot_onnx_writer *w, double factor, const char *part, const char *factor_part, const char *value)
{
    return ocelot_onnx_put_two(w, "Mul", part, value, ocelot_onnx_put_scalar(w, factor_part, factor));
}

/* `count` columns from `first` on. */
static const char *columns(struct ocelot_onnx_writer *w, const char *part, const char *value, size_t first, size_t count)
{
    static const int64_t axis[] = {1};
    const int64_t begin[] = {(int64_t)first}, end[] = {(int64_t)(first + count)};
    char *from = ocelot_onnx_put_text(w, "%s-begin", part), *to = ocelot_onnx_put_text(w, "%s-end", part),
         *which = ocelot_onnx_put_text(w, "%s-axis", part);
    if (!from || !to || !which)
        return NULL;
    const char *arguments[] = {value, ocelot_onnx_put_list(w, from, begin, 1), ocelot_onnx_put_list(w, to, end, 1),
                               ocelot_onnx_put_list(w, which, axis, 1)};
    return ocelot_onnx_put(w, "Slice", part, arguments, 4);
}

/* f - rho = A exp(-o) - rho */
static const char *one_class_by_distance(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *score)
{
    const char *kernel = ocelot_onnx_put_one(w, "Exp", "kernel", ocelot_onnx_put_one(w, "Neg", "negative", score));
    const char *sum = times(w, model->info.coefficient_sum, "sum", "A", kernel);
    return ocelot_onnx_put_two(w, "Sub", "decision", sum, ocelot_onnx_put_scalar(w, "rho", model->info.rho));
}

/* sums[side] of every pair times exp(-o) of that side */
static const char *side(struct ocelot_onnx_writer *w, const struct ocelot_machine *m, size_t which, const char *o)
{
    static const char *const parts[2][4] = {{"for-sums", "for-negative", "for-kernel", "for"},
                                            {"against-sums", "against-negative", "against-kernel", "against"}};
    const char *const *part = parts[which];
    double *sums = ocelot_onnx_put_memory(w, m->pairs, sizeof *sums);
    for (size_t pair = 0; sums && pair < m->pairs; pair++)
        sums[pair] = m->sums[2 * pair + which];
    const char *scale = sums ? ocelot_onnx_put_tensor(w, part[0], sums, &m->pairs, 1) : NULL;
    return ocelot_onnx_put_two(w, "Mul", part[3], ocelot_onnx_put_one(w, "Exp", part[2], ocelot_onnx_put_one(w, "Neg", part[1], o)), scale);
}

/* f = A+ exp(-o+) - A- exp(-o-) with o- = y + o+ - log(A+/A-); the network ends in y and o+ of all pairs. */
static const char *classes_by_distance(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last, const char *y)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    double *ratios = ocelot_onnx_put_memory(w, m->pairs, sizeof *ratios);
    for (size_t pair = 0; ratios && pair < m->pairs; pair++)
        ratios[pair] = log(m->sums[2 * pair] / m->sums[2 * pair + 1]);
    const char *plus = columns(w, "plus", last, m->pairs, m->pairs);
    const char *ratio = ratios ? ocelot_onnx_put_tensor(w, "log-ratios", ratios, &m->pairs, 1) : NULL;
    const char *minus = ocelot_onnx_put_two(w, "Sub", "minus", ocelot_onnx_put_two(w, "Add", "both", y, plus), ratio);
    return ocelot_onnx_put_two(w, "Sub", "decision", side(w, m, 0, plus), side(w, m, 1, minus));
}

/* LIBSVM's f - rho from what the network says. */
static const char *decision(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last, const char *outputs)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    bool one_class = m->type->role == OCELOT_ROLE_ONE_CLASS, by_distance = m->kernel->profile != NULL;
    if (one_class)
        return by_distance ? one_class_by_distance(w, model, outputs) : ocelot_onnx_put_one(w, "Neg", "decision", outputs);
    return by_distance && m->type->role == OCELOT_ROLE_CLASSIFIER ? classes_by_distance(w, model, last, outputs) : outputs;
}

void ocelot_onnx_put_outputs(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    const struct ocelot_node *node = ocelot_graph_output(model->graph);
    size_t count = model->info.outputs, extents[OCELOT_SHAPE_RANK + 1] = {0, count}, rank = 2, one = 1;
    const char *outputs = last;
    if (node->size > count) {
        outputs = columns(w, "outputs", last, 0, count);
    } else {
        for (size_t k = 0; k < node->shape.rank; k++)
            extents[k + 1] = node->shape.extent[k];
        rank = node->shape.rank + 1;
    }
    ocelot_onnx_put_output(w, m && count == 1 ? model->outputs[0] : "output", outputs, extents, rank);
    if (!m || m->type->role == OCELOT_ROLE_REGRESSOR)
        return;
    if (!isnan(model->info.threshold))
        ocelot_onnx_put_output(w, "threshold", ocelot_onnx_put_tensor(w, "limit", &model->info.threshold, &one, 1), &one, 1);
    if (!m->card.patch.height) /* patches: LIBSVM has no value for a sum over positions */
        ocelot_onnx_put_output(w, "decision_value", decision(w, model, last, outputs), extents, rank);
}
