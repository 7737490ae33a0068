/* Pictures in, heat maps out. */
#include "io/heat_map.h"
#include "io/image_rows.h"
#include "law/faults.h"

/* One picture twice, through resizing and cropping. */
static enum ocelot_status read_pictures(const void *argument, struct ocelot_error *err)
{
    const char *const operands[] = {argument, argument};
    const size_t shape[] = {1, 14, 12};
    struct ocelot_preprocess preprocess = *ocelot_preprocess_find("unit");
    struct ocelot_image_list list = {0};
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch = {.count = 1};
    const struct ocelot_preprocess_texts texts = {.resize = "16x15", .crop = "14x12"};
    enum ocelot_status status = ocelot_preprocess_adjust(&preprocess, &texts, err);
    if (status == OCELOT_OK)
        status = ocelot_image_list_make(&list, operands, 2, err);
    if (status == OCELOT_OK)
        status = ocelot_rows_open_images(&list, &preprocess, shape, &rows, err);
    while (status == OCELOT_OK && batch.count > 0)
        status = ocelot_rows_read(rows, 3, &batch, err);
    if (rows != NULL)
        ocelot_rows_close(rows);
    ocelot_image_list_free(&list);
    return status;
}

static enum ocelot_status draw_sheet(const void *argument, struct ocelot_error *err)
{
    const char *path = argument;
    const struct ocelot_colour_map *colours = ocelot_colour_map_find("bwr");
    struct ocelot_image image = {0};
    struct ocelot_picture heat = {0}, page = {0};
    struct ocelot_sheet sheet = {0};
    struct ocelot_text png = {0};
    double map[28 * 28] = {1, -2}, scale = 0;
    bool full = false;
    enum ocelot_status status = ocelot_image_read(path, &image, err);
    if (status == OCELOT_OK)
        status = ocelot_heat_scale(map, 28 * 28, 99, &scale, err);
    if (status == OCELOT_OK)
        status = ocelot_heat_overlay(map, &image, scale, colours, &heat, err);
    if (status == OCELOT_OK)
        status = ocelot_sheet_add(&sheet, &image, &heat, &full, err);
    if (status == OCELOT_OK)
        status = ocelot_sheet_picture(&sheet, &page, err);
    if (status == OCELOT_OK)
        status = ocelot_picture_png(&page, &png, err);
    ocelot_text_free(&png);
    ocelot_picture_free(&page);
    ocelot_picture_free(&heat);
    ocelot_sheet_free(&sheet);
    ocelot_image_free(&image);
    return status;
}

const struct fault_scenario fault_picture_scenarios[] = {{"rows of pictures", read_pictures, OCELOT_SOURCE_DIR "/data/garments-bag.png"},
                                                         {"a heat map on a sheet", draw_sheet, OCELOT_SOURCE_DIR "/data/garments-bag.png"},
                                                         {0}};
