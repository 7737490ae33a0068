#include "io/image.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/size.h"
#include "io/image_format.h"
#include "io/source.h"

/* Bytes that a picture file may have, gunzipped. */
enum { FILE_BYTES = 1 << 29 };

static const struct ocelot_image_format *const formats[] = {&ocelot_image_format_png, &ocelot_image_format_jpeg, &ocelot_image_format_pnm};

static const struct ocelot_image_format *find(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i]->recognise(bytes, length))
            return formats[i];
    return NULL;
}

bool ocelot_image_recognise(const void *bytes, size_t length)
{
    return find(bytes, length) != NULL;
}

enum ocelot_status ocelot_image_allocate(struct ocelot_image *image, size_t width, size_t height, size_t channels, const char *name,
                                         struct ocelot_error *err)
{
    size_t pixels = 0;
    if (!ocelot_size_multiply(width, height, &pixels) || pixels == 0 || pixels > OCELOT_IMAGE_PIXELS)
        return ocelot_fail(err, pixels == 0 && (width == 0 || height == 0) ? OCELOT_E_FORMAT : OCELOT_E_LIMIT,
                           "%s: a picture of %zu x %zu pixels; from 1 to %d can be read", name, width, height, OCELOT_IMAGE_PIXELS);
    image->pixels = ocelot_allocate(pixels, channels);
    if (image->pixels == NULL)
        return ocelot_fail_memory(err, "a picture");
    image->width = width;
    image->height = height;
    image->channels = channels;
    return OCELOT_OK;
}

unsigned char ocelot_image_over_white(unsigned sample, unsigned opacity)
{
    return (unsigned char)((sample * opacity + 255 * (255 - opacity) + 127) / 255);
}

enum ocelot_status ocelot_image_read_memory(const void *bytes, size_t size, const char *name, struct ocelot_image *out, struct ocelot_error *err)
{
    const struct ocelot_image_format *format = find(bytes, size);
    struct ocelot_image image = {0};
    if (size == 0)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is empty", name);
    if (format == NULL)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is no picture that can be read (PNG, JPEG or PNM)", name);
    enum ocelot_status status = format->read(bytes, size, name, &image, err);
    if (status == OCELOT_OK)
        *out = image;
    else
        ocelot_image_free(&image);
    return status;
}

enum ocelot_status ocelot_image_read(const char *path, struct ocelot_image *out, struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    struct ocelot_window window = {0};
    enum ocelot_status status = ocelot_source_open(path, &source, err);
    for (size_t want = 1 << 16; status == OCELOT_OK && !window.end; want = 2 * window.length) {
        if (window.length > FILE_BYTES)
            status = ocelot_fail(err, OCELOT_E_LIMIT, "%s: a picture file of more than %d bytes", path, FILE_BYTES);
        else
            status = ocelot_source_peek(source, want, true, &window, err);
    }
    if (status == OCELOT_OK)
        status = ocelot_image_read_memory(window.bytes, window.length, ocelot_source_name(source), out, err);
    ocelot_source_close(source);
    return status;
}

void ocelot_image_free(struct ocelot_image *image)
{
    free(image->pixels);
    *image = (struct ocelot_image){0};
}
