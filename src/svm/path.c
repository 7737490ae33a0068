#include "svm/path.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/size.h"
#include "base/text.h"

/* Takes the last component off, down to "/" being "". */
static void shorten(struct ocelot_text *text)
{
    while (text->length > 0 && text->bytes[text->length - 1] != '/')
        text->length--;
    if (text->length > 0)
        text->length--;
}

/* "/a/b" of "/a/./c/../b": the components of `path` behind what `text` holds. */
static void append_components(struct ocelot_text *text, const char *path)
{
    while (*path) {
        size_t length = strcspn(path, "/");
        bool up = length == 2 && memcmp(path, "..", 2) == 0, here = length == 0 || (length == 1 && *path == '.');
        if (up) {
            shorten(text);
        } else if (!here) {
            ocelot_text_append(text, "/", 1);
            ocelot_text_append(text, path, length);
        }
        path += length + (path[length] == '/');
    }
}

/* The path from the root. Without a working directory that can be named, from where we are. */
static void make_absolute(const char *path, struct ocelot_text *out)
{
    char here[4096];
    if (*path != '/' && getcwd(here, sizeof here))
        append_components(out, here);
    append_components(out, path);
}

static char *finish(struct ocelot_text *text)
{
    char *copy = text->failed ? NULL : ocelot_copy_text(text->bytes ? text->bytes : "", text->length);
    ocelot_text_free(text);
    return copy;
}

char *ocelot_path_beside(const char *file, const char *path)
{
    struct ocelot_text from = {0}, to = {0}, out = {0};
    if (*path == '/')
        return ocelot_copy_text(path, strlen(path));
    make_absolute(file, &from);
    make_absolute(path, &to);
    shorten(&from);
    if (!from.failed && !to.failed && to.length > 0) {
        /* what both have in common, up to the '/' that ends a component of both */
        size_t common = 0;
        for (size_t k = 0; k < from.length && k < to.length && from.bytes[k] == to.bytes[k]; k++)
            common = to.bytes[k] == '/' ? k : common;
        if (from.length < to.length && (from.length == 0 || memcmp(from.bytes, to.bytes, from.length) == 0) && to.bytes[from.length] == '/')
            common = from.length;
        for (size_t k = common; k < from.length; k++)
            if (from.bytes[k] == '/')
                ocelot_text_string(&out, "../");
        ocelot_text_append(&out, to.bytes + common + 1, to.length - common - 1);
    }
    out.failed |= from.failed || to.failed;
    ocelot_text_free(&from);
    ocelot_text_free(&to);
    return finish(&out);
}

char *ocelot_path_from(const char *file, const char *stored)
{
    struct ocelot_text out = {0};
    const char *slash = strrchr(file, '/');
    if (*stored != '/' && slash)
        ocelot_text_append(&out, file, (size_t)(slash - file) + 1);
    ocelot_text_string(&out, stored);
    return finish(&out);
}
