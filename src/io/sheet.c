/* Sheets of many pictures, each beside its heat map. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "io/heat_map.h"
#include "io/resize.h"

enum { SIDE = 256, GAP = 4, MARGIN = 12, SHEET_PIXELS = 1 << 24, PAPER = 232 };

/* RGB of any of our pictures. */
static enum ocelot_status fit(const unsigned char *pixels, size_t channels, size_t height, size_t width, struct ocelot_image *out,
                              struct ocelot_error *err)
{
    size_t longer = height > width ? height : width, factor = longer < SIDE ? SIDE / longer : 1, wide = width * factor, tall = height * factor;
    struct ocelot_image image = {.height = tall, .width = wide, .channels = 3, .pixels = ocelot_allocate(tall * wide, 3)};
    if (image.pixels == NULL)
        return ocelot_fail_memory(err, "the sheet");
    for (size_t y = 0; y < tall; y++)
        for (size_t x = 0; x < wide; x++)
            for (size_t c = 0; c < 3; c++)
                image.pixels[(y * wide + x) * 3 + c] = pixels[(y / factor * width + x / factor) * channels + (channels == 1 ? 0 : c)];
    if (longer <= SIDE) {
        *out = image;
        return OCELOT_OK;
    }
    tall = (height * SIDE + longer / 2) / longer;
    wide = (width * SIDE + longer / 2) / longer;
    enum ocelot_status status = ocelot_image_resize(&image, wide > 0 ? wide : 1, tall > 0 ? tall : 1, "the sheet", out, err);
    ocelot_image_free(&image);
    return status;
}

static void clear(struct ocelot_picture *picture)
{
    memset(picture->pixels, PAPER, 4 * picture->width * picture->height);
    for (size_t k = 0; k < picture->width * picture->height; k++)
        picture->pixels[4 * k + 3] = 255;
}

static void paste(struct ocelot_picture *onto, size_t top, size_t left, const struct ocelot_image *image)
{
    for (size_t y = 0; y < image->height; y++)
        for (size_t x = 0; x < image->width; x++)
            memcpy(onto->pixels + 4 * ((top + y) * onto->width + left + x), image->pixels + 3 * (y * image->width + x), 3);
}

enum ocelot_status ocelot_sheet_add(struct ocelot_sheet *sheet, const struct ocelot_image *image, const struct ocelot_picture *heat, bool *full,
                                    struct ocelot_error *err)
{
    struct ocelot_image left = {0}, right = {0};
    struct ocelot_picture tile = {0};
    *full = false;
    if (sheet->count == sheet->capacity) {
        size_t capacity = sheet->capacity > 0 ? 2 * sheet->capacity : 16;
        struct ocelot_picture *more = ocelot_reallocate(sheet->tiles, capacity, sizeof *more);
        if (more == NULL)
            return ocelot_fail_memory(err, "the sheet");
        sheet->tiles = more;
        sheet->capacity = capacity;
    }
    enum ocelot_status status = fit(image->pixels, image->channels, image->height, image->width, &left, err);
    if (status == OCELOT_OK)
        status = fit(heat->pixels, 4, heat->height, heat->width, &right, err);
    size_t pixels = (left.width + right.width + GAP + MARGIN) * (left.height + MARGIN);
    *full = status == OCELOT_OK && sheet->pixels + pixels > SHEET_PIXELS / 2;
    if (status == OCELOT_OK && !*full)
        status = ocelot_picture_make(left.height, left.width + GAP + right.width, &tile, err);
    if (status == OCELOT_OK && !*full) {
        clear(&tile);
        paste(&tile, 0, 0, &left);
        paste(&tile, 0, left.width + GAP, &right);
        sheet->tiles[sheet->count++] = tile;
        sheet->pixels += pixels;
    }
    ocelot_image_free(&left);
    ocelot_image_free(&right);
    return status;
}

enum ocelot_status ocelot_sheet_picture(const struct ocelot_sheet *sheet, struct ocelot_picture *out, struct ocelot_error *err)
{
    size_t wide = 1, tall = 1, columns = 1;
    for (size_t k = 0; k < sheet->count; k++) {
        wide = sheet->tiles[k].width > wide ? sheet->tiles[k].width : wide;
        tall = sheet->tiles[k].height > tall ? sheet->tiles[k].height : tall;
    }
    while (columns < sheet->count && columns * columns * (wide + MARGIN) < sheet->count * (tall + MARGIN))
        columns++; /* about as wide as tall */
    size_t lines = (sheet->count + columns - 1) / columns;
    enum ocelot_status status = ocelot_picture_make(lines * (tall + MARGIN) + MARGIN, columns * (wide + MARGIN) + MARGIN, out, err);
    if (status != OCELOT_OK)
        return status;
    clear(out);
    for (size_t k = 0; k < sheet->count; k++) {
        const struct ocelot_picture *tile = &sheet->tiles[k];
        size_t top = MARGIN + k / columns * (tall + MARGIN), left = MARGIN + k % columns * (wide + MARGIN);
        for (size_t y = 0; y < tile->height; y++)
            memcpy(out->pixels + 4 * ((top + y) * out->width + left), tile->pixels + 4 * y * tile->width, 4 * tile->width);
    }
    return OCELOT_OK;
}

void ocelot_sheet_free(struct ocelot_sheet *sheet)
{
    for (size_t k = 0; k < sheet->count; k++)
        ocelot_picture_free(&sheet->tiles[k]);
    free(sheet->tiles);
    *sheet = (struct ocelot_sheet){0};
}
