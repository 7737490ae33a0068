#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "svm/card.h"
#include "svm/ensemble.h"
#include "svm/patch.h"
#include "svm/path.h"

/* What is read, where it stands, and the machine it goes to. */
struct reading {
    const struct ocelot_scan *scan;
    struct ocelot_machine *machine;
    json_t *root;
};

static enum ocelot_status refuse(const struct reading *r, const char *key, const char *expected)
{
    return ocelot_fail(r->scan->err, OCELOT_E_FORMAT, "%s:%zu: found a card without a valid \"%s\", expected %s", r->scan->name, r->scan->line, key,
                       expected);
}

static enum ocelot_status no_memory(const struct reading *r)
{
    return ocelot_fail_memory(r->scan->err, "the card");
}

/* A finite number under `key`, or `absent` where there is none or null. */
static enum ocelot_status take_number(const struct reading *r, const json_t *object, const char *key, double absent, double *value)
{
    const json_t *item = json_object_get(object, key);
    *value = absent;
    if (!item || json_is_null(item))
        return OCELOT_OK;
    if (!json_is_number(item))
        return refuse(r, key, "a number");
    *value = json_number_value(item);
    return OCELOT_OK;
}

/* A whole number within [low, high]; it must be there. */
static enum ocelot_status take_whole(const struct reading *r, const json_t *object, const char *key, double low, double high, double *value)
{
    enum ocelot_status status = take_number(r, object, key, NAN, value);
    if (status == OCELOT_OK && !(*value >= low && *value <= high && *value == floor(*value)))
        return refuse(r, key, "a whole number in its range");
    return status;
}

/* [count] numbers under `key` of an object into *out, which stays NULL where the key is absent. null is NaN where `holes` are allowed. */
static enum ocelot_status take_array(const struct reading *r, const json_t *object, const char *key, size_t count, bool holes, double **out)
{
    const json_t *array = json_object_get(object, key);
    if (!array)
        return OCELOT_OK;
    if (!json_is_array(array) || json_array_size(array) != count)
        return refuse(r, key, "an array with a number for each feature");
    *out = ocelot_allocate(count, sizeof **out);
    if (!*out)
        return no_memory(r);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_number(item) && !(holes && json_is_null(item)))
            return refuse(r, key, "an array of numbers");
        (*out)[i] = json_is_number(item) ? json_number_value(item) : NAN;
    }
    return OCELOT_OK;
}

static enum ocelot_status take_numbers(const struct reading *r, const char *key, size_t count, bool holes, double **out)
{
    return take_array(r, r->root, key, count, holes, out);
}

static enum ocelot_status take_kernel(const struct reading *r)
{
    const json_t *object = json_object_get(r->root, "kernel");
    const char *name = json_string_value(json_object_get(object, "name")), *expected;
    const struct ocelot_machine_kernel *kernel = name ? ocelot_machine_kernel_find(name) : NULL;
    struct ocelot_kernel_parameters p;
    double degree = 0;
    if (!kernel)
        return refuse(r, "kernel", "the name of a known kernel");
    enum ocelot_status status = take_number(r, object, "gamma", NAN, &p.gamma);
    if (status == OCELOT_OK)
        status = take_number(r, object, "power", NAN, &p.power);
    if (status == OCELOT_OK)
        status = take_number(r, object, "coef0", NAN, &p.coef0);
    if (status == OCELOT_OK && kernel->has_degree)
        status = take_whole(r, object, "degree", 0, 1000, &degree);
    if (status != OCELOT_OK)
        return status;
    p.degree = (int)degree;
    if (!ocelot_kernel_parameters_check(kernel, &p, &expected))
        return refuse(r, "kernel", expected);
    r->machine->kernel = kernel;
    r->machine->parameters = p;
    return OCELOT_OK;
}

static enum ocelot_status take_names(const struct reading *r)
{
    const json_t *array = json_object_get(r->root, "names");
    if (!array)
        return OCELOT_OK;
    if (!json_is_array(array) || json_array_size(array) != r->machine->width)
        return refuse(r, "names", "an array with a name for each feature");
    r->machine->card.names = ocelot_allocate(r->machine->width, sizeof *r->machine->card.names);
    if (!r->machine->card.names)
        return no_memory(r);
    for (size_t i = 0; i < r->machine->width; i++) {
        const char *name = json_string_value(json_array_get(array, i));
        if (!name)
            return refuse(r, "names", "an array of strings");
        r->machine->card.names[i] = ocelot_copy_text(name, strlen(name));
        if (!r->machine->card.names[i])
            return no_memory(r);
    }
    return OCELOT_OK;
}

/* Where the features are: first index and how many. The count is bounded by what the arrays beside it hold or the body names. */
static enum ocelot_status take_features(const struct reading *r)
{
    double first, width;
    enum ocelot_status status = take_whole(r, r->root, "first", 0, 1, &first);
    if (status == OCELOT_OK)
        status = take_whole(r, r->root, "features", 1, 2147483646, &width);
    if (status != OCELOT_OK)
        return status;
    r->machine->first = (long)first;
    r->machine->width = (size_t)width;
    return take_names(r);
}

static enum ocelot_status take_scaling(const struct reading *r)
{
    struct ocelot_card *card = &r->machine->card;
    const json_t *item = json_object_get(r->root, "scaling");
    const char *name = json_string_value(item);
    if (item && !name)
        return refuse(r, "scaling", "the name of a scaling");
    if (name && !(card->scaling = ocelot_copy_text(name, strlen(name))))
        return no_memory(r);
    enum ocelot_status status = take_numbers(r, "center", r->machine->width, false, &card->center);
    if (status == OCELOT_OK)
        status = take_numbers(r, "factor", r->machine->width, false, &card->factor);
    if (status == OCELOT_OK && !card->center != !card->factor)
        return refuse(r, card->center ? "factor" : "center", "center and factor together");
    return status;
}

/* Scores of held-out rows, of the machine or of a whole ensemble. */
static enum ocelot_status take_held_out(const struct reading *r, const json_t *object, double **scores, size_t *count)
{
    size_t size = json_array_size(json_object_get(object, "held_out"));
    enum ocelot_status status = take_array(r, object, "held_out", size, false, scores);
    *count = size;
    for (size_t i = 1; status == OCELOT_OK && i < size; i++)
        if ((*scores)[i] < (*scores)[i - 1])
            return refuse(r, "held_out", "scores in ascending order");
    return status;
}

/* Units divide: each must be positive. */
static enum ocelot_status take_units(const struct reading *r)
{
    enum ocelot_status status = take_numbers(r, "unit", r->machine->width, false, &r->machine->card.unit);
    for (size_t i = 0; status == OCELOT_OK && r->machine->card.unit && i < r->machine->width; i++)
        if (!(r->machine->card.unit[i] > 1e-300))
            return refuse(r, "unit", "positive numbers");
    return status;
}

static enum ocelot_status take_ensemble(const struct reading *r)
{
    struct ocelot_machine_ensemble *ensemble = &r->machine->card.ensemble;
    const json_t *object = json_object_get(r->root, "ensemble");
    double members = 0;
    if (!object)
        return OCELOT_OK;
    enum ocelot_status status = take_whole(r, object, "members", 2, OCELOT_ENSEMBLE_MEMBERS, &members);
    ensemble->members = (size_t)members;
    if (status == OCELOT_OK)
        status = take_number(r, object, "threshold", NAN, &ensemble->threshold);
    return status == OCELOT_OK ? take_held_out(r, object, &ensemble->held_out, &ensemble->held_out_count) : status;
}

static enum ocelot_status take_training(const struct reading *r)
{
    struct ocelot_training *training = &r->machine->card.training;
    const json_t *object = json_object_get(r->root, "training");
    const double whole = 9007199254740992.0;
    double rows = 0, sample = 0, seed = 0, iterations = 0;
    training->nu = training->holdout = training->tolerance = training->solved_rho = training->gap = NAN;
    if (!object)
        return OCELOT_OK;
    enum ocelot_status status = take_whole(r, object, "rows", 1, whole, &rows);
    if (status == OCELOT_OK)
        status = take_whole(r, object, "sample", 0, whole, &sample);
    if (status == OCELOT_OK)
        status = take_whole(r, object, "seed", 0, whole, &seed);
    if (status == OCELOT_OK)
        status = take_number(r, object, "nu", NAN, &training->nu);
    if (status == OCELOT_OK)
        status = take_number(r, object, "holdout", NAN, &training->holdout);
    if (status == OCELOT_OK)
        status = take_number(r, object, "tolerance", NAN, &training->tolerance);
    if (status == OCELOT_OK)
        status = take_number(r, object, "gap", NAN, &training->gap);
    if (status == OCELOT_OK && isfinite(training->gap))
        status = take_whole(r, object, "iterations", 0, whole, &iterations);
    if (status == OCELOT_OK)
        status = take_number(r, object, "solved_rho", NAN, &training->solved_rho);
    if (status != OCELOT_OK)
        return status;
    training->rows = (size_t)rows;
    training->sample = (size_t)sample;
    training->seed = (size_t)seed;
    const char *gamma = json_string_value(json_object_get(object, "gamma"));
    const char *solver = json_string_value(json_object_get(object, "solver"));
    training->iterations = (size_t)iterations;
    snprintf(training->solver, sizeof training->solver, "%s", solver ? solver : "");
    snprintf(training->gamma, sizeof training->gamma, "%s", gamma ? gamma : "");
    return OCELOT_OK;
}

static enum ocelot_status take_network(const struct reading *r)
{
    struct ocelot_machine_network *network = &r->machine->card.network;
    const json_t *object = json_object_get(r->root, "network");
    if (!object)
        return OCELOT_OK;
    const char *path = json_string_value(json_object_get(object, "path")), *node = json_string_value(json_object_get(object, "node"));
    const char *crc = json_string_value(json_object_get(object, "crc32"));
    char *end = NULL;
    double size;
    unsigned long value = crc && strlen(crc) == 8 && strspn(crc, "0123456789abcdef") == 8 ? strtoul(crc, &end, 16) : 0;
    if (!path || !*path || !node || !end)
        return refuse(r, "network", "path, node, size and crc32 of the network whose features these are");
    enum ocelot_status status = take_whole(r, object, "size", 0, 9007199254740992.0, &size);
    if (status != OCELOT_OK)
        return status;
    const json_t *shape = json_object_get(object, "shape");
    network->rank = json_array_size(shape);
    if (network->rank > sizeof network->shape / sizeof *network->shape)
        return refuse(r, "network", "a shape of at most four numbers");
    for (size_t k = 0; k < network->rank; k++) {
        double extent = json_number_value(json_array_get(shape, k));
        if (!(extent >= 1 && extent <= 1e9 && extent == floor(extent)))
            return refuse(r, "network", "a shape of whole numbers");
        network->shape[k] = (size_t)extent;
    }
    network->size = (size_t)size;
    network->crc = (uint32_t)value;
    network->path = ocelot_path_from(r->scan->name, path);
    network->node = ocelot_copy_text(node, strlen(node));
    return network->path && network->node ? OCELOT_OK : no_memory(r);
}

static enum ocelot_status take_patch(const struct reading *r)
{
    struct ocelot_machine_patch *patch = &r->machine->card.patch;
    const json_t *object = json_object_get(r->root, "patch");
    const struct {
        const char *key;
        size_t *to;
    } sizes[] = {{"height", &patch->height},     {"width", &patch->width},   {"stride", &patch->stride},
                 {"channels", &patch->shape[0]}, {"rows", &patch->shape[1]}, {"columns", &patch->shape[2]}};
    size_t down, across;
    enum ocelot_status status = OCELOT_OK;
    if (!object)
        return OCELOT_OK;
    for (size_t k = 0; status == OCELOT_OK && k < sizeof sizes / sizeof *sizes; k++) {
        double value = 0;
        status = take_whole(r, object, sizes[k].key, 1, 1e6, &value);
        if (status == OCELOT_OK)
            *sizes[k].to = (size_t)value;
    }
    if (status == OCELOT_OK)
        status = take_number(r, object, "threshold", NAN, &patch->threshold);
    if (status == OCELOT_OK && (!ocelot_patch_positions(patch, &down, &across) || ocelot_patch_width(patch) != r->machine->width))
        return refuse(r, "patch", "patches that fit the image and have as many values as there are features");
    return status;
}

static enum ocelot_status check_crc(const struct reading *r, uint32_t crc)
{
    char expected[16];
    const char *found = json_string_value(json_object_get(r->root, "crc32"));
    snprintf(expected, sizeof expected, "%08lx", (unsigned long)crc);
    if (!found)
        return refuse(r, "crc32", "the checksum of the lines above");
    if (strcmp(found, expected) == 0)
        return OCELOT_OK;
    return ocelot_fail(r->scan->err, OCELOT_E_FORMAT,
                       "%s:%zu: found lines with the checksum %s above the card, expected %.8s (was the file changed after it was written?)",
                       r->scan->name, r->scan->line, expected, found);
}

static enum ocelot_status take_all(const struct reading *r, uint32_t crc)
{
    double format;
    enum ocelot_status status = take_whole(r, r->root, "format", 1, 1e6, &format);
    if (status == OCELOT_OK && format != OCELOT_CARD_FORMAT)
        return ocelot_fail(r->scan->err, OCELOT_E_UNSUPPORTED, "%s:%zu: found a card of format %.0f, expected %d: it was written by a newer version",
                           r->scan->name, r->scan->line, format, OCELOT_CARD_FORMAT);
    if (status == OCELOT_OK)
        status = check_crc(r, crc);
    if (status == OCELOT_OK)
        status = take_kernel(r);
    if (status == OCELOT_OK)
        status = take_features(r);
    if (status == OCELOT_OK)
        status = take_scaling(r);
    if (status == OCELOT_OK)
        status = take_numbers(r, "low", r->machine->width, true, &r->machine->card.low);
    if (status == OCELOT_OK)
        status = take_numbers(r, "median", r->machine->width, true, &r->machine->card.median);
    if (status == OCELOT_OK)
        status = take_numbers(r, "high", r->machine->width, true, &r->machine->card.high);
    if (status == OCELOT_OK)
        status = take_units(r);
    if (status == OCELOT_OK)
        status = take_held_out(r, r->root, &r->machine->card.held_out, &r->machine->card.held_out_count);
    if (status == OCELOT_OK)
        status = take_ensemble(r);
    if (status == OCELOT_OK)
        status = take_network(r);
    if (status == OCELOT_OK)
        status = take_patch(r);
    return status == OCELOT_OK ? take_training(r) : status;
}

enum ocelot_status ocelot_card_read(const struct ocelot_scan *scan, uint32_t crc, struct ocelot_machine *machine)
{
    json_error_t trouble;
    struct reading r = {.scan = scan, .machine = machine};
    r.root = json_loadb(scan->at, (size_t)(scan->stop - scan->at), JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &trouble);
    if (!json_is_object(r.root)) {
        json_decref(r.root);
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found a card that is not a JSON object (%s), expected #ocelot {...}", scan->name,
                           scan->line, r.root ? "another type" : trouble.text);
    }
    enum ocelot_status status = take_all(&r, crc);
    machine->has_card = true;
    json_decref(r.root);
    return status;
}
