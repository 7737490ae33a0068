/* What stands behind the network in an ONNX file: its outputs by name, and for kernel machines what is said about a row. */
#include <math.h>
#include <string.h>

#include "onnx/export.h"
#include "svm/lower.h"

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
static const char *one_class_by_distance(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last, const char *o)
{
    (void)last;
    const char *kernel = ocelot_onnx_put_one(w, "Exp", "kernel", ocelot_onnx_put_one(w, "Neg", "negative", o));
    const char *sum = ocelot_onnx_put_two(w, "Mul", "sum", kernel, ocelot_onnx_put_scalar(w, "A", model->info.coefficient_sum));
    return ocelot_onnx_put_two(w, "Sub", "decision", sum, ocelot_onnx_put_scalar(w, "rho", model->info.rho));
}

/* The output is rho - f. */
static const char *one_class_by_dot(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last, const char *output)
{
    (void)model;
    (void)last;
    return ocelot_onnx_put_one(w, "Neg", "decision", output);
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
    const struct ocelot_machine *m = model->source;
    double *ratios = ocelot_onnx_put_memory(w, m->pairs, sizeof *ratios);
    for (size_t pair = 0; ratios && pair < m->pairs; pair++)
        ratios[pair] = log(m->sums[2 * pair] / m->sums[2 * pair + 1]);
    const char *plus = columns(w, "plus", last, m->pairs, m->pairs);
    const char *ratio = ratios ? ocelot_onnx_put_tensor(w, "log-ratios", ratios, &m->pairs, 1) : NULL;
    const char *minus = ocelot_onnx_put_two(w, "Sub", "minus", ocelot_onnx_put_two(w, "Add", "both", y, plus), ratio);
    return ocelot_onnx_put_two(w, "Sub", "decision", side(w, m, 0, plus), side(w, m, 1, minus));
}

static const char *classes_by_dot(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last, const char *outputs)
{
    (void)w;
    (void)model;
    (void)last;
    return outputs;
}

/* LIBSVM's f - rho from what the network says, by the kind of model; other kinds have none. */
static const struct decision_writer {
    const struct ocelot_reading *reading;
    const char *(*write)(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last, const char *outputs);
} decision_writers[] = {
    {&ocelot_reading_distance_one_class, one_class_by_distance},
    {&ocelot_reading_dot_one_class, one_class_by_dot},
    {&ocelot_reading_distance_classifier, classes_by_distance},
    {&ocelot_reading_dot_classifier, classes_by_dot},
    {NULL, NULL},
};

void ocelot_onnx_put_outputs(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last)
{
    static const size_t one = 1;
    const struct ocelot_node *node = ocelot_graph_output(model->graph);
    size_t count = model->info.outputs, extents[OCELOT_SHAPE_RANK + 1] = {0, count}, rank = 2;
    const char *outputs = last;
    if (node->size > count) {
        outputs = columns(w, "outputs", last, 0, count);
    } else {
        for (size_t k = 0; k < node->shape.rank; k++)
            extents[k + 1] = node->shape.extent[k];
        rank = node->shape.rank + 1;
    }
    ocelot_onnx_put_output(w, model->info.explains, outputs, extents, rank);
    if (strcmp(model->info.explains, "outlier_score") == 0 && !isnan(model->info.threshold))
        ocelot_onnx_put_output(w, "threshold", ocelot_onnx_put_tensor(w, "limit", &model->info.threshold, &one, 1), &one, 1);
    for (const struct decision_writer *row = decision_writers; row->reading; row++)
        if (row->reading == model->reading)
            ocelot_onnx_put_output(w, "decision_value", row->write(w, model, last, outputs), extents, rank);
}
