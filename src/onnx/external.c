/* External data: files beside the model, never elsewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/number.h"
#include "base/size.h"
#include "onnx/import.h"

static const char *entry(const Onnx__TensorProto *proto, const char *key)
{
    for (size_t k = 0; k < proto->n_external_data; k++)
        if (strcmp(ocelot_onnx_text(proto->external_data[k]->key), key) == 0)
            return proto->external_data[k]->value;
    return NULL;
}

/* A relative path whose every part is a name: it cannot leave the folder. */
static bool stays_inside(const char *path)
{
    if (!path || !*path || *path == '/' || strchr(path, '\\'))
        return false;
    while (path) {
        const char *end = strchr(path, '/');
        size_t length = end ? (size_t)(end - path) : strlen(path);
        if (length == 0 || (length == 2 && memcmp(path, "..", 2) == 0))
            return false;
        path = end ? end + 1 : NULL;
    }
    return true;
}

/* A whole number >= 0; `otherwise` where there is no entry. False where the text is something else. */
static bool number(const char *text, long long otherwise, long long *value)
{
    *value = otherwise;
    if (!text)
        return true;
    const char *end = text + strlen(text);
    return ocelot_integer_parse(text, end, value) == end && *value >= 0;
}

static enum ocelot_status read_at(struct ocelot_onnx_import *import, const char *path, long long offset, size_t size, unsigned char *bytes)
{
    struct stat what;
    FILE *file = fopen(path, "rb");
    enum ocelot_status status = OCELOT_OK;
    if (!file)
        return ocelot_fail(import->err, OCELOT_E_IO, "%s: cannot open its data file %.200s", import->name, path);
    if (fstat(fileno(file), &what) != 0 || !S_ISREG(what.st_mode))
        status = ocelot_fail(import->err, OCELOT_E_IO, "%s: its data file %.200s is no regular file", import->name, path);
    else if (fseeko(file, (off_t)offset, SEEK_SET) != 0 || fread(bytes, 1, size, file) != size)
        status =
            ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: its data file %.200s ends before %zu bytes from %lld", import->name, path, size, offset);
    fclose(file);
    return status;
}

/* Size of the file, so that nothing is allocated for data that is not there. */
static bool has_bytes(const char *path, long long offset, size_t size)
{
    struct stat what;
    return stat(path, &what) != 0 || (what.st_size >= 0 && offset <= what.st_size && size <= (size_t)(what.st_size - offset));
}

enum ocelot_status ocelot_onnx_external_read(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto, size_t size, unsigned char **bytes)
{
    const char *location = entry(proto, "location");
    long long offset, length;
    if (!import->folder)
        return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED, "%s: tensor '%.80s' lies in another file, and only models read from a path have others",
                           import->name, ocelot_onnx_text(proto->name));
    if (!stays_inside(location))
        return ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: tensor '%.80s' names the data file '%.80s', expected one in the model's folder",
                           import->name, ocelot_onnx_text(proto->name), location ? location : "");
    if (!number(entry(proto, "offset"), 0, &offset) || !number(entry(proto, "length"), (long long)(size & INT64_MAX), &length) ||
        (size_t)length != size)
        return ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: tensor '%.80s' has an offset or length that does not fit its %zu bytes", import->name,
                           ocelot_onnx_text(proto->name), size);
    size_t room = strlen(import->folder) + strlen(location) + 2;
    char *path = ocelot_allocate(room, 1);
    if (!path)
        return ocelot_fail_memory(import->err, "the model");
    snprintf(path, room, "%s/%s", import->folder, location);
    enum ocelot_status status = OCELOT_OK;
    if (!has_bytes(path, offset, size))
        status =
            ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: its data file %.200s ends before %zu bytes from %lld", import->name, path, size, offset);
    if (status == OCELOT_OK && !(*bytes = ocelot_allocate(size, 1)))
        status = ocelot_fail_memory(import->err, "the constants");
    if (status == OCELOT_OK)
        status = read_at(import, path, offset, size, *bytes);
    free(path);
    return status;
}
