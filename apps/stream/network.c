#include "stream/network.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/size.h"
#include "io/source.h"
#include "ocelot/onnx.h"

#define AT(member) offsetof(struct ocelot_opening_settings, member)

enum { RANK_MOST = 4, CLASSES_BYTES = 1 << 28, GZIP_BYTES = 1 << 30 };

const struct ocelot_option ocelot_network_option_table[] = {
    {.name = "classes",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(classes),
     .placeholder = "FILE",
     .summary = "names of the network's outputs, one a line"},
    {.name = "network",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(network),
     .placeholder = "FILE",
     .summary = "models stacked on a network: where its file is now; without this, where MODEL says, seen from MODEL's folder"},
    {.name = "output-node",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(output_node),
     .placeholder = "NAME",
     .summary = "the output, or any inner value, that is scored and explained; without this, the first output"},
    {.name = "input-shape",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(input_shape),
     .placeholder = "CxHxW",
     .summary = "shape of one row where the file leaves it open, such as 3x224x224"},
    {.name = NULL},
};

/* All bytes of a source, which stay its own. */
static enum ocelot_status read_all(struct ocelot_source *source, size_t most, struct ocelot_window *window, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    *window = (struct ocelot_window){0};
    for (size_t want = 1 << 16; !status && !window->end; want = 2 * window->length) {
        status = window->length > most ? ocelot_fail(err, OCELOT_E_LIMIT, "%s: is longer than %zu bytes", ocelot_source_name(source), most)
                                       : ocelot_source_peek(source, want, true, window, err);
    }
    return status;
}

/* An ONNX file is a message of protocol buffers whose first field, by every exporter, is ir_version: key 8, a small number; then a key of fields 1
 * to 25. */
static bool is_onnx(const char *bytes, size_t length)
{
    return length > 2 && bytes[0] == 8 && bytes[1] > 0 && bytes[1] < 32 && bytes[2] > 8;
}

enum ocelot_status ocelot_network_recognise(const char *path, bool *out, struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    struct ocelot_window window = {0};
    size_t length = strlen(path);
    *out = false;
    if (strcmp(path, "-") == 0) {
        return OCELOT_OK;
    }
    enum ocelot_status status = ocelot_source_open(path, &source, NULL);
    status = status ? status : ocelot_source_peek(source, 4, true, &window, NULL);
    if (!status) {
        *out = is_onnx(window.bytes, window.length) || (length > 5 && strcmp(path + length - 5, ".onnx") == 0);
    }
    ocelot_source_close(source);
    return status == OCELOT_E_MEMORY ? ocelot_fail_memory(err, "the model") : OCELOT_OK;
}

/* One name a line; what the lines point into is `copy`. */
struct classes {
    char *copy;
    const char **names;
    size_t count;
};

/* Cuts the copy at its line ends. */
static enum ocelot_status split_lines(struct classes *classes, struct ocelot_error *err)
{
    size_t lines = 1;
    for (const char *at = classes->copy; *at; at++) {
        lines += *at == '\n';
    }
    classes->names = ocelot_allocate(lines, sizeof *classes->names);
    if (!classes->names) {
        return ocelot_fail_memory(err, "the names of the classes");
    }
    for (char *at = classes->copy; *at;) {
        char *end = at + strcspn(at, "\n"), *next = *end ? end + 1 : end;
        while (end > at && (end[-1] == '\r' || end[-1] == ' ')) {
            end--;
        }
        *end = '\0';
        classes->names[classes->count++] = at;
        at = next;
    }
    return OCELOT_OK;
}

static enum ocelot_status read_classes(const char *path, struct classes *classes, struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    struct ocelot_window window = {0};
    enum ocelot_status status = ocelot_source_open(path, &source, err);
    status = status ? status : read_all(source, CLASSES_BYTES, &window, err);
    if (!status) {
        classes->copy = ocelot_copy_text(window.bytes, window.length);
        status = classes->copy ? split_lines(classes, err) : ocelot_fail_memory(err, "the names of the classes");
    }
    ocelot_source_close(source);
    return status;
}

/* "3x224x224" */
static enum ocelot_status read_shape(const char *text, size_t shape[RANK_MOST], size_t *rank, struct ocelot_error *err)
{
    const char *at = text, *end = text + strlen(text);
    *rank = 0;
    while (at && *rank < RANK_MOST) {
        long long extent = 0;
        at = ocelot_integer_parse(at, end, &extent);
        if (!at || extent < 1) {
            break;
        }
        shape[(*rank)++] = (size_t)extent;
        if (at == end) {
            return OCELOT_OK;
        }
        at = *at == 'x' || *at == 'X' ? at + 1 : NULL;
    }
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "--input-shape: found \"%.100s\", expected a shape such as 3x224x224", text);
}

/* Gzipped files are read from memory, which takes no data from other files. */
static enum ocelot_status read_model(const char *path, const struct ocelot_onnx_options *options, struct ocelot_model **out, struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    struct ocelot_window window = {0};
    enum ocelot_status status = ocelot_source_open(path, &source, err);
    bool plain = !status && ocelot_source_seekable(source);
    if (!status && !plain) {
        status = read_all(source, GZIP_BYTES, &window, err);
        status = status ? status : ocelot_onnx_read_memory(window.bytes, window.length, path, options, out, err);
    }
    ocelot_source_close(source);
    return status || !plain ? status : ocelot_onnx_read(path, options, out, err);
}

enum ocelot_status ocelot_network_read(const char *path, const struct ocelot_opening_settings *settings, struct ocelot_model **out,
                                       struct ocelot_error *err)
{
    struct ocelot_onnx_options options = {.output = settings->output_node};
    struct classes classes = {0};
    size_t shape[RANK_MOST];
    enum ocelot_status status = settings->classes ? read_classes(settings->classes, &classes, err) : OCELOT_OK;
    if (!status && settings->input_shape) {
        status = read_shape(settings->input_shape, shape, &options.input_rank, err);
        options.input_shape = shape;
    }
    options.classes = classes.names;
    options.class_count = classes.count;
    status = status ? status : read_model(path, &options, out, err);
    free(classes.names);
    free(classes.copy);
    return status;
}
