/* Class activation maps: cam and grad-cam. Both weigh the feature maps A_k [cells] of one layer, add them up to one map, and lay it over the pixels:
 *   cam       w_k / cells, w_k the class's weight on the mean of map k (Zhou 2016): the map sums to f less the class's bias
 *   grad-cam  mean over the cells of df / dA_k (Selvaraju 2017), negative cells cut off unless relu=no: the same as cam where cam is defined
 * A pixel's relevance is the map there (bilinear, centres of cells and pixels as in the image), times cells / pixels, shared by its channels: where
 * a cell covers a whole number of pixels the relevances sum to what the map sums to; what is left of f is residual. */
#include <string.h>

#include "explain/explainer.h"
#include "ops/pool.h"

struct class_map_settings {
    const char *layer, *relu;
};

static const struct ocelot_option grad_options[] = {
    {.name = "layer",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct class_map_settings, layer),
     .placeholder = "NAME",
     .summary = "the layer whose maps are weighed; default the last convolution, behind its ReLU"},
    {.name = "relu",
     .type = OCELOT_OPTION_CHOICE,
     .offset = offsetof(struct class_map_settings, relu),
     .placeholder = "YES",
     .choices = "yes|no",
     .fallback = "yes",
     .summary = "whether cells that speak against the output are cut off"},
    {.name = NULL},
};

static bool has_maps(const struct ocelot_node *node)
{
    return node->shape.rank == 3 && node->shape.extent[1] * node->shape.extent[2] > 1;
}

/* What a refusal advises. */
static const char *other_method(const struct ocelot_model *model)
{
    return model->info.method ? model->info.method : "gradient";
}

/* Maps are laid over the input, which must be an image itself. */
static enum ocelot_status check_image(const struct ocelot_model *model, const char *name, struct ocelot_error *err)
{
    if (has_maps(model->graph->nodes[0]))
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                       "%s lays a map of a convolution over the pixels, and the input of this model (%s, kernel %s) is no image: "
                       "use --method %s",
                       name, model->info.type, model->info.kernel, other_method(model));
}

/* The pool that averages whole maps, with nothing but one dense layer behind it, whose input's maps cam weighs; 0 where the network has another form.
 */
static size_t find_pool(const struct ocelot_graph *graph)
{
    size_t i = graph->count - 1;
    double constant;
    if (graph->nodes[i]->op != &ocelot_op_dense)
        return 0;
    i = graph->nodes[i]->inputs[0];
    while (graph->nodes[i]->op == &ocelot_op_arrange && graph->nodes[i]->input_count == 1 && !ocelot_arrange_map(graph->nodes[i], &constant))
        i = graph->nodes[i]->inputs[0];
    const struct ocelot_node *pool = graph->nodes[i];
    if (pool->op != &ocelot_op_average_pool || pool->shape.extent[1] * pool->shape.extent[2] != 1 || !has_maps(ocelot_node_input(pool, 0)))
        return 0;
    struct ocelot_patches patches = ocelot_patches(pool, 1);
    ocelot_patch_next(&patches);
    size_t cells = ocelot_span_count(patches.patch.down) * ocelot_span_count(patches.patch.across);
    return cells == patches.in->extent[1] * patches.in->extent[2] && ocelot_patch_inside(&patches) == cells ? i : 0;
}

/* Whether node `next` does nothing but work on the values of node i by themselves, and alone reads it. */
static bool continues(const struct ocelot_graph *graph, size_t i, size_t next)
{
    return ocelot_graph_readers(graph, i) == 1 && graph->nodes[next]->input_count == 1 && graph->nodes[next]->inputs[0] == i &&
           (graph->nodes[next]->op->traits & OCELOT_OP_ELEMENTWISE) && has_maps(graph->nodes[next]);
}

/* The last convolution behind its ReLU, or the layer of that name; 0 where there is none. */
static size_t find_maps(const struct ocelot_graph *graph, const char *name)
{
    size_t i = graph->count - 1;
    while (i > 0 && (name ? strcmp(graph->nodes[i]->name, name) != 0 : graph->nodes[i]->op != &ocelot_op_conv || !has_maps(graph->nodes[i])))
        i--;
    while (!name && i > 0 && i + 1 < graph->count && continues(graph, i, i + 1))
        i++;
    return i;
}

static enum ocelot_status cam_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    (void)settings;
    enum ocelot_status status = check_image(model, "cam", err);
    if (status != OCELOT_OK || find_pool(model->graph))
        return status;
    return ocelot_fail(
        err, OCELOT_E_UNSUPPORTED,
        "cam is defined for networks that end in a global average pooling and one dense layer, which this one does not: use --method %s",
        find_maps(model->graph, NULL) ? "grad-cam" : other_method(model));
}

static enum ocelot_status grad_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    const struct class_map_settings *s = settings;
    enum ocelot_status status = check_image(model, "grad-cam", err);
    size_t maps = find_maps(model->graph, s->layer);
    if (status != OCELOT_OK)
        return status;
    if (s->layer && !maps)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "layer: '%.60s' is no layer of this model behind its input; `ocelot inspect` lists them",
                           s->layer);
    if (!maps)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "grad-cam weighs the maps of a convolution, and this model has none: use --method %s",
                           other_method(model));
    if (!has_maps(model->graph->nodes[maps]))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "layer: %s (%s) has no maps of several cells", s->layer, model->graph->nodes[maps]->op->name);
    return OCELOT_OK;
}

static const struct ocelot_node *maps_of(const struct ocelot_plan *plan)
{
    const struct ocelot_graph *graph = plan->model->graph;
    const struct class_map_settings *s = plan->settings;
    return plan->explainer == &ocelot_explainer_cam ? ocelot_node_input(graph->nodes[find_pool(graph)], 0) : graph->nodes[find_maps(graph, s->layer)];
}

/* Activations of the maps, their gradients or the weights, one map, relevances. */
static size_t extra(const struct ocelot_plan *plan)
{
    const struct ocelot_node *maps = maps_of(plan);
    return 2 * maps->size + maps->shape.extent[1] * maps->shape.extent[2] + plan->model->feature_count;
}

/* Where in n cells the middle of pixel p of `pixels` lies: between cells *low and *low + 1, *part of the way. */
static void locate(size_t p, size_t pixels, size_t n, size_t *low, double *part)
{
    double at = ((double)p + 0.5) * (double)n / (double)pixels - 0.5;
    at = at < 0 ? 0 : at > (double)(n - 1) ? (double)(n - 1) : at;
    *low = (size_t)at < n - 1 ? (size_t)at : n > 1 ? n - 2 : 0;
    *part = n > 1 ? at - (double)*low : 0;
}

static void lay_over(const double *map, const struct ocelot_shape *cells, const struct ocelot_shape *image, double *relevance)
{
    size_t height = cells->extent[1], width = cells->extent[2], channels = image->extent[0], plane = image->extent[1] * image->extent[2];
    double share = (double)(height * width) / (double)plane / (double)channels;
    for (size_t y = 0; y < image->extent[1]; y++)
        for (size_t x = 0; x < image->extent[2]; x++) {
            size_t row, column;
            double down, across;
            locate(y, image->extent[1], height, &row, &down);
            locate(x, image->extent[2], width, &column, &across);
            const double *top = map + row * width + column, *bottom = height > 1 ? top + width : top;
            size_t right = width > 1 ? 1 : 0;
            double value = (1 - down) * ((1 - across) * top[0] + across * top[right]) + down * ((1 - across) * bottom[0] + across * bottom[right]);
            for (size_t c = 0; c < channels; c++)
                relevance[c * plane + y * image->extent[2] + x] = share * value;
        }
}

/* Adds weight times one map. */
static double add_map(const double *activation, size_t cells, double weight, double *map)
{
    double sum = 0;
    for (size_t n = 0; n < cells; n++) {
        map[n] += weight * activation[n];
        sum += weight * activation[n];
    }
    return sum;
}

static void run_cam(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct ocelot_graph *graph = plan->model->graph;
    const struct ocelot_node *maps = maps_of(plan);
    size_t d = plan->model->feature_count, channels = maps->shape.extent[0], cells = maps->size / channels;
    double *activation = ocelot_view_extra(w), *weights = activation + maps->size, *map = weights + maps->size, *relevance = map + cells;
    for (size_t b = 0; b < rows; b++) {
        const struct ocelot_decision *decision = ocelot_view_decision(w, b);
        double sum = 0;
        if (decision->status != OCELOT_OK)
            continue;
        ocelot_view_tap(plan, w, b, x + b * d, ocelot_node_number(maps), activation, NULL);
        ocelot_view_tap(plan, w, b, x + b * d, find_pool(graph), NULL, weights);
        memset(map, 0, cells * sizeof *map);
        for (size_t k = 0; k < channels; k++)
            sum += add_map(activation + k * cells, cells, weights[k] / (double)cells, map);
        lay_over(map, &maps->shape, &graph->nodes[0]->shape, relevance);
        ocelot_view_answer(plan, w, b, relevance, NULL, decision->output - sum);
    }
}

static void run_grad(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct class_map_settings *s = plan->settings;
    const struct ocelot_node *maps = maps_of(plan);
    size_t d = plan->model->feature_count, channels = maps->shape.extent[0], cells = maps->size / channels;
    double *activation = ocelot_view_extra(w), *gradient = activation + maps->size, *map = gradient + maps->size, *relevance = map + cells;
    for (size_t b = 0; b < rows; b++) {
        if (ocelot_view_decision(w, b)->status != OCELOT_OK)
            continue;
        ocelot_view_tap(plan, w, b, x + b * d, ocelot_node_number(maps), activation, gradient);
        memset(map, 0, cells * sizeof *map);
        for (size_t k = 0; k < channels; k++) {
            double mean = 0;
            for (size_t n = 0; n < cells; n++)
                mean += gradient[k * cells + n] / (double)cells;
            add_map(activation + k * cells, cells, mean, map);
        }
        for (size_t n = 0; n < cells && strcmp(s->relu, "yes") == 0; n++)
            map[n] = map[n] > 0 ? map[n] : 0;
        lay_over(map, &maps->shape, &plan->model->graph->nodes[0]->shape, relevance);
        ocelot_view_answer(plan, w, b, relevance, NULL, 0);
    }
}

const struct ocelot_explainer ocelot_explainer_cam = {
    .method = {"cam", "class activation map: the class's weights on the last feature maps, laid over the image", "a global average pooling",
               "2 forward, 2 backward", "Zhou 2016", NULL},
    .is_signed = true,
    .allows = cam_allows,
    .extra = extra,
    .run = run_cam,
};

const struct ocelot_explainer ocelot_explainer_grad_cam = {
    .method = {"grad-cam", "the feature maps of a convolution, weighed by their mean gradients, laid over the image", "a convolution",
               "1 forward, 1 backward", "Selvaraju 2017", grad_options},
    .settings_size = sizeof(struct class_map_settings),
    .is_signed = true,
    .allows = grad_allows,
    .extra = extra,
    .run = run_grad,
};
