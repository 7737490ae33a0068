/* The single options of preprocessing, as users write them. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "io/preprocess.h"

enum { SIDE_MOST = 65535 };

/* "224" or "224x320"; *second stays 0 where there is one number. */
static bool read_size(const char *text, size_t *first, size_t *second)
{
    long long a = 0, b = 0;
    const char *end = text + strlen(text), *after = ocelot_integer_parse(text, end, &a);
    bool two = after != NULL && after < end && (*after == 'x' || *after == 'X');
    if (two)
        after = ocelot_integer_parse(after + 1, end, &b);
    if (after != end || a < 1 || a > SIDE_MOST || (two && (b < 1 || b > SIDE_MOST)))
        return false;
    *first = (size_t)a;
    *second = (size_t)b;
    return true;
}

/* One number for all channels, or one a channel. */
static bool read_channels(const char *text, double out[OCELOT_CHANNELS])
{
    const char *at = text, *end = text + strlen(text);
    size_t count = 0;
    while (count < OCELOT_CHANNELS) {
        at = ocelot_number_parse(at, end, &out[count]);
        if (at == NULL || !isfinite(out[count]))
            return false;
        count++;
        if (at == end || *at != ',')
            break;
        at++;
    }
    for (size_t c = 1; count == 1 && c < OCELOT_CHANNELS; c++)
        out[c] = out[0];
    return at == end && (count == 1 || count == OCELOT_CHANNELS);
}

static enum ocelot_status set_resize(struct ocelot_preprocess *p, const char *text, struct ocelot_error *err)
{
    size_t first = 0, second = 0;
    if (strcmp(text, "no") == 0) {
        p->fit = OCELOT_FIT_NONE;
        return OCELOT_OK;
    }
    if (!read_size(text, &first, &second))
        return ocelot_fail(err, OCELOT_E_ARGUMENT,
                           "--resize: found \"%.100s\", expected a shorter side such as 256, height x width such as 224x320, or no", text);
    p->fit = second > 0 ? OCELOT_FIT_EXACT : OCELOT_FIT_SHORTER;
    p->always = true;
    p->shorter = second > 0 ? 0 : first;
    p->height = second > 0 ? first : 0;
    p->width = second;
    return OCELOT_OK;
}

static enum ocelot_status set_crop(struct ocelot_preprocess *p, const char *text, struct ocelot_error *err)
{
    size_t first = 0, second = 0;
    if (!read_size(text, &first, &second))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--crop: found \"%.100s\", expected a side such as 224, or height x width such as 224x320", text);
    p->crop_height = first;
    p->crop_width = second > 0 ? second : first;
    return OCELOT_OK;
}

static enum ocelot_status set_order(struct ocelot_preprocess *p, const char *text, struct ocelot_error *err)
{
    static const char *const names[] = {"rgb", "bgr", "grey"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (strcmp(text, names[k]) == 0) {
            p->channels = names[k];
            return OCELOT_OK;
        }
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "--channels: found \"%.100s\", expected rgb, bgr or grey", text);
}

static enum ocelot_status set_mean(struct ocelot_preprocess *p, const char *text, struct ocelot_error *err)
{
    if (!read_channels(text, p->mean))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--mean: found \"%.100s\", expected one number, or three separated by commas", text);
    return OCELOT_OK;
}

static enum ocelot_status set_deviation(struct ocelot_preprocess *p, const char *text, struct ocelot_error *err)
{
    bool good = read_channels(text, p->deviation);
    for (size_t c = 0; c < OCELOT_CHANNELS; c++)
        good = good && p->deviation[c] > 0;
    if (!good)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--std: found \"%.100s\", expected one number above 0, or three separated by commas", text);
    return OCELOT_OK;
}

/* "1/255" is what people mean by 0.00392156862745098. */
static enum ocelot_status set_pixel_scale(struct ocelot_preprocess *p, const char *text, struct ocelot_error *err)
{
    const char *end = text + strlen(text);
    double value = 0, divisor = 1;
    const char *after = ocelot_number_parse(text, end, &value);
    if (after != NULL && after < end && *after == '/')
        after = ocelot_number_parse(after + 1, end, &divisor);
    if (after != end || !isfinite(value / divisor) || !(value / divisor > 0))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--pixel-scale: found \"%.100s\", expected a number above 0 such as 1/255", text);
    p->pixel_scale = value / divisor;
    return OCELOT_OK;
}

enum ocelot_status ocelot_preprocess_adjust(struct ocelot_preprocess *preprocess, const struct ocelot_preprocess_texts *texts,
                                            struct ocelot_error *err)
{
    const struct {
        const char *text;
        enum ocelot_status (*set)(struct ocelot_preprocess *p, const char *text, struct ocelot_error *err);
    } given[] = {{texts->resize, set_resize}, {texts->crop, set_crop},           {texts->channels, set_order},
                 {texts->mean, set_mean},     {texts->deviation, set_deviation}, {texts->pixel_scale, set_pixel_scale}};
    for (size_t k = 0; k < sizeof given / sizeof given[0]; k++) {
        enum ocelot_status status = given[k].text != NULL ? given[k].set(preprocess, given[k].text, err) : OCELOT_OK;
        if (status != OCELOT_OK)
            return status;
    }
    return OCELOT_OK;
}
