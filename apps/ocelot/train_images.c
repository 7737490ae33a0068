#include "ocelot/train_images.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/number.h"
#include "base/size.h"

static bool is_file(const char *path)
{
    struct stat what;
    return stat(path, &what) == 0 && !S_ISDIR(what.st_mode);
}

enum ocelot_status ocelot_features_split(const char *text, struct ocelot_features_name *out, struct ocelot_error *err)
{
    out->text = ocelot_copy_text(text, strlen(text));
    if (!out->text) {
        return ocelot_fail_memory(err, "the options");
    }
    out->path = out->text;
    out->layer = NULL;
    if (is_file(out->text)) {
        return OCELOT_OK;
    }
    for (char *colon = strrchr(out->text, ':'); colon; colon = strrchr(out->text, ':')) {
        *colon = '\0';
        if (is_file(out->text)) {
            out->layer = text + (colon - out->text) + 1;
            return OCELOT_OK;
        }
    }
    memcpy(out->text, text, strlen(text));
    return OCELOT_OK;
}

enum ocelot_status ocelot_patch_parse(const char *text, size_t patch[2], struct ocelot_error *err)
{
    const char *end = text + strlen(text), *cross = strchr(text, 'x');
    long long height = 0, width = 0;
    const char *stop = cross ? cross : end;
    bool good = ocelot_integer_parse(text, stop, &height) == stop && height >= 1 && height <= 1000000;
    width = height;
    if (cross) {
        good = good && ocelot_integer_parse(cross + 1, end, &width) == end && width >= 1 && width <= 1000000;
    }
    if (!good) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "patch: found '%.40s', expected height x width, such as 7x7", text);
    }
    patch[0] = (size_t)height;
    patch[1] = (size_t)width;
    return OCELOT_OK;
}
