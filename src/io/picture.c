#include "io/picture.h"

#include <math.h>
#include <png.h>
#include <stdlib.h>

#include "base/size.h"
#include "io/markup.h"

enum { PIXELS = 1 << 24 };

/* #ff0051 and #008bfb, as the style sheet has them. */
static const unsigned char towards[3] = {0xff, 0x00, 0x51}, away[3] = {0x00, 0x8b, 0xfb};

enum ocelot_status ocelot_picture_make(size_t height, size_t width, struct ocelot_picture *out, struct ocelot_error *err)
{
    size_t pixels = 0;
    if (!ocelot_size_multiply(height, width, &pixels) || pixels == 0 || pixels > PIXELS) {
        return ocelot_fail(err, OCELOT_E_LIMIT, "a picture of %zu x %zu pixels cannot be made; there may be 1 to %d pixels", height, width, PIXELS);
    }
    out->pixels = ocelot_allocate(pixels, 4);
    out->width = width;
    out->height = height;
    return out->pixels ? OCELOT_OK : ocelot_fail_memory(err, "a picture");
}

enum ocelot_status ocelot_picture_of(const struct ocelot_image *image, struct ocelot_picture *out, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_picture_make(image->height, image->width, out, err);
    for (size_t k = 0; !status && k < image->height * image->width; k++) {
        for (size_t c = 0; c < 3; c++) {
            out->pixels[4 * k + c] = image->pixels[k * image->channels + (image->channels == 1 ? 0 : c)];
        }
        out->pixels[4 * k + 3] = 255;
    }
    return status;
}

static unsigned char level(double value)
{
    return (unsigned char)(value <= 0 ? 0 : value >= 1 ? 255 : lround(255 * value));
}

enum ocelot_status ocelot_picture_grey(const double *values, size_t height, size_t width, double low, double high, struct ocelot_picture *out,
                                       struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_picture_make(height, width, out, err);
    for (size_t k = 0; k < height * width && !status; k++) {
        double place = (values[k] - low) / (high > low ? high - low : 1);
        unsigned char *pixel = out->pixels + 4 * k;
        pixel[0] = pixel[1] = pixel[2] = isnan(place) ? 0 : level(place);
        pixel[3] = isnan(place) ? 0 : 255;
    }
    return status;
}

enum ocelot_status ocelot_picture_heat(const double *relevance, size_t height, size_t width, double scale, struct ocelot_picture *out,
                                       struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_picture_make(height, width, out, err);
    for (size_t k = 0; k < height * width && !status; k++) {
        const unsigned char *colour = relevance[k] < 0 ? away : towards;
        double depth = scale > 0 && !isnan(relevance[k]) ? fabs(relevance[k]) / scale : 0;
        for (size_t c = 0; c < 3; c++) {
            out->pixels[4 * k + c] = colour[c];
        }
        out->pixels[4 * k + 3] = level(depth);
    }
    return status;
}

void ocelot_picture_free(struct ocelot_picture *picture)
{
    free(picture->pixels);
    *picture = (struct ocelot_picture){0};
}

enum ocelot_status ocelot_picture_png(const struct ocelot_picture *picture, struct ocelot_text *out, struct ocelot_error *err)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = (png_uint_32)picture->width, .height = (png_uint_32)picture->height, .format = PNG_FORMAT_RGBA};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image); /* an upper bound, so one pass does */
    void *bytes = malloc(size);
    if (!bytes) {
        return ocelot_fail_memory(err, "a picture");
    }
    enum ocelot_status status = OCELOT_OK;
    if (png_image_write_to_memory(&image, bytes, &size, 0, picture->pixels, 0, NULL)) {
        ocelot_text_append(out, bytes, size);
        status = out->failed ? ocelot_fail_memory(err, "a picture") : OCELOT_OK;
    } else {
        status = ocelot_fail(err, OCELOT_E_MEMORY, "a picture could not be written as PNG: %s", image.message);
    }
    png_image_free(&image);
    free(bytes);
    return status;
}

enum ocelot_status ocelot_picture_tag(const struct ocelot_picture *picture, const char *kind, const char *description, struct ocelot_text *out,
                                      struct ocelot_error *err)
{
    struct ocelot_text png = {0};
    enum ocelot_status status = ocelot_picture_png(picture, &png, err);
    if (!status) {
        ocelot_text_format(out, "<img class=\"%s\" width=\"%zu\" height=\"%zu\" alt=\"", kind, picture->width, picture->height);
        ocelot_markup_escape(out, description);
        ocelot_text_string(out, "\" src=\"data:image/png;base64,");
        ocelot_base64(out, png.bytes, png.length);
        ocelot_text_string(out, "\"/>");
        status = out->failed ? ocelot_fail_memory(err, "a picture") : OCELOT_OK;
    }
    ocelot_text_free(&png);
    return status;
}

void ocelot_base64(struct ocelot_text *text, const void *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = bytes;
    for (size_t k = 0; k < count; k += 3) {
        size_t left = count - k;
        unsigned long word = (unsigned long)b[k] << 16 | (left > 1 ? (unsigned long)b[k + 1] << 8 : 0) | (left > 2 ? b[k + 2] : 0UL);
        char four[4] = {digits[word >> 18 & 63], digits[word >> 12 & 63], left > 1 ? digits[word >> 6 & 63] : '=',
                        left > 2 ? digits[word & 63] : '='};
        ocelot_text_append(text, four, 4);
    }
}
