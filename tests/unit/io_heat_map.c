/* Heat maps: colours, scales, overlays, sheets; and which pictures a command line means. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/heat_map.h"
#include "io/image_rows.h"
#include "support/cmocka_include.h"

static void colours_meet_in_the_middle(void **state)
{
    (void)state;
    for (size_t k = 0; ocelot_colour_map_at(k) != NULL; k++) {
        const struct ocelot_colour_map *map = ocelot_colour_map_at(k);
        unsigned char middle[3], nan[3], end[3], beyond[3];
        assert_ptr_equal(ocelot_colour_map_find(map->name), map);
        ocelot_colour_map_apply(map, 0, middle);
        ocelot_colour_map_apply(map, NAN, nan);
        assert_memory_equal(middle, nan, 3);
        for (size_t n = 0; n < map->count; n++) {
            ocelot_colour_map_apply(map, map->knot[n].at, end);
            assert_memory_equal(end, map->knot[n].rgb, 3);
        }
        ocelot_colour_map_apply(map, 1, end);
        ocelot_colour_map_apply(map, INFINITY, beyond);
        assert_memory_equal(end, beyond, 3);
        ocelot_colour_map_apply(map, -1, end);
        ocelot_colour_map_apply(map, -7, beyond);
        assert_memory_equal(end, beyond, 3);
    }
    unsigned char pink[3];
    ocelot_colour_map_apply(ocelot_colour_map_find("bwr"), 0.6, pink);
    assert_true(pink[0] == 255 && pink[1] == 102 && pink[2] == 102); /* 255 * 0.4 */
    assert_null(ocelot_colour_map_find("jet"));
}

static void scale_is_a_percentile(void **state)
{
    const double map[] = {-4, 1, 2, 3, -10, 5, 6, 7, 8, NAN};
    const double expected[][2] = {{100, 10}, {90, 8}, {89.9, 8}, {80, 7}, {20, 1}, {10, 0}, {1, 0}};
    double relevance[] = {1, -2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 400}, scale = -1;
    const size_t shape[] = {3, 2, 2};
    (void)state;
    for (size_t k = 0; k < sizeof expected / sizeof expected[0]; k++) {
        assert_int_equal(ocelot_heat_scale(map, 10, expected[k][0], &scale, NULL), OCELOT_OK);
        assert_true(scale == expected[k][1]);
    }
    ocelot_heat_sum(relevance, shape, relevance);
    assert_true(relevance[0] == 111 && relevance[1] == 218 && relevance[2] == 333 && relevance[3] == 444);
}

static void maps_and_overlays(void **state)
{
    const double map[] = {2, -2, 0, 1};
    unsigned char pixels[] = {0, 0, 0, 255};
    const struct ocelot_image under = {.pixels = pixels, .height = 2, .width = 2, .channels = 1};
    const struct ocelot_colour_map *bwr = ocelot_colour_map_find("bwr");
    struct ocelot_picture picture = {0};
    (void)state;
    assert_int_equal(ocelot_heat_picture(map, 2, 2, 2, bwr, &picture, NULL), OCELOT_OK);
    assert_memory_equal(picture.pixels, "\377\0\0\377\0\0\377\377\377\377\377\377\377\200\200\377", 16);
    ocelot_picture_free(&picture);
    assert_int_equal(ocelot_heat_picture(map, 2, 2, 0, bwr, &picture, NULL), OCELOT_OK); /* nothing is relevant */
    for (size_t k = 0; k < 16; k++)
        assert_int_equal(picture.pixels[k], 255);
    ocelot_picture_free(&picture);
    /* full heat hides the picture, none shows it: black lightened to 0.4 * 255 = 102; half heat is half of each, (255 + 255) / 2 and (255 + 127.5) /
     * 2 */
    assert_int_equal(ocelot_heat_overlay(map, &under, 2, bwr, &picture, NULL), OCELOT_OK);
    assert_memory_equal(picture.pixels, "\377\0\0\377\0\0\377\377\146\146\146\377\377\300\300\377", 16);
    ocelot_picture_free(&picture);
}

static void sheets(void **state)
{
    unsigned char pixels[3 * 300 * 200] = {0};
    struct ocelot_sheet sheet = {0};
    (void)state;
    for (size_t n = 0; n < 5; n++) {
        const struct ocelot_image image = {.pixels = pixels, .height = n % 2 ? 300 : 28, .width = n % 2 ? 200 : 28, .channels = 3};
        struct ocelot_picture heat = {0}, out = {0};
        bool full = true;
        assert_int_equal(ocelot_picture_make(image.height, image.width, &heat, NULL), OCELOT_OK);
        assert_int_equal(ocelot_sheet_add(&sheet, &image, &heat, &full, NULL), OCELOT_OK);
        assert_false(full);
        assert_int_equal(ocelot_sheet_picture(&sheet, &out, NULL), OCELOT_OK);
        assert_true(out.width >= 504 && out.height >= 252 && out.pixels[0] == out.pixels[1] && out.pixels[3] == 255);
        ocelot_picture_free(&out);
        ocelot_picture_free(&heat);
    }
    ocelot_sheet_free(&sheet);
    struct ocelot_picture empty = {0};
    assert_int_equal(ocelot_sheet_picture(&sheet, &empty, NULL), OCELOT_OK); /* of nothing: paper */
    ocelot_picture_free(&empty);
}

/* Too many pictures are counted out, not crammed in. */
static void full_sheet(void **state)
{
    static unsigned char pixels[256 * 256];
    const struct ocelot_image image = {.pixels = pixels, .height = 256, .width = 256, .channels = 1};
    struct ocelot_sheet sheet = {0};
    struct ocelot_picture heat = {0}, out = {0};
    bool full = false;
    (void)state;
    assert_int_equal(ocelot_picture_make(256, 256, &heat, NULL), OCELOT_OK);
    for (size_t n = 0; n < 200 && !full; n++)
        assert_int_equal(ocelot_sheet_add(&sheet, &image, &heat, &full, NULL), OCELOT_OK);
    assert_true(full && sheet.count > 50);
    assert_int_equal(ocelot_sheet_picture(&sheet, &out, NULL), OCELOT_OK);
    ocelot_picture_free(&out);
    ocelot_picture_free(&heat);
    ocelot_sheet_free(&sheet);
}

static void write_file(const char *folder, const char *name, const char *bytes)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(bytes, file) >= 0 && fclose(file) == 0);
}

static void lists(void **state)
{
    char folder[] = "/tmp/ocelot-list.XXXXXX", list[256], picture[256];
    const char *operands[3];
    struct ocelot_image_list pictures = {0};
    struct ocelot_error err = {0};
    (void)state;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "b.pgm", "P2 2 1 9 0 9");
    write_file(folder, "a.PGM", "P2 1 2 9 9 0");
    write_file(folder, "c.txt", "# two\nb.pgm\r\n\n  a.PGM\n/nowhere/x.png");
    write_file(folder, "d.csv", "a.pgm,b\n1,2\n");
    (void)snprintf(list, sizeof list, "%s/c.txt", folder);
    (void)snprintf(picture, sizeof picture, "%s/b.pgm", folder);

    operands[0] = folder;
    assert_int_equal(ocelot_image_list_make(&pictures, operands, 1, &err), OCELOT_OK);
    assert_true(pictures.count == 2 && strcmp(pictures.id[0], "a.PGM") == 0 && strcmp(pictures.id[1], "b.pgm") == 0);
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    const size_t shape[] = {1, 1, 2}, *extents = NULL;
    assert_int_equal(ocelot_rows_open_images(&pictures, ocelot_preprocess_find("unit"), shape, &rows, &err), OCELOT_OK);
    assert_true(ocelot_rows_shape(rows, &extents) == 3 && extents[2] == 2 && ocelot_rows_total(rows) == 2);
    assert_int_equal(ocelot_rows_read(rows, 10, &batch, &err), OCELOT_OK);
    assert_true(batch.count == 2 && batch.width == 2);
    assert_non_null(strstr(batch.error[0], "a.PGM: the picture is 2 x 1, the network takes 1 x 2"));
    assert_true(batch.error[1] == NULL && batch.values[2] == 0 && batch.values[3] == 1 && strcmp(batch.id[1], "b.pgm") == 0);
    assert_int_equal(ocelot_rows_read(rows, 10, &batch, &err), OCELOT_OK);
    assert_true(batch.count == 0 && ocelot_rows_progress(rows) == 1);
    ocelot_rows_close(rows);
    ocelot_image_list_free(&pictures);

    operands[0] = list;
    operands[1] = picture;
    assert_int_equal(ocelot_image_list_make(&pictures, operands, 2, &err), OCELOT_OK);
    assert_true(pictures.count == 4 && strcmp(pictures.path[2], "/nowhere/x.png") == 0);
    assert_string_equal(pictures.id[0], picture); /* b.pgm is there twice: ids are paths */
    ocelot_image_list_free(&pictures);

    (void)snprintf(list, sizeof list, "%s/d.csv", folder);
    operands[0] = list;
    bool found = true;
    assert_int_equal(ocelot_image_list_recognise(list, &found, &err), OCELOT_OK);
    assert_false(found);
    assert_int_equal(ocelot_image_list_make(&pictures, operands, 1, &err), OCELOT_E_FORMAT);
    ocelot_image_list_free(&pictures);
    static const char *const names[] = {"a.PGM", "b.pgm", "c.txt", "d.csv"};
    for (size_t k = 0; k < 4; k++) {
        (void)snprintf(list, sizeof list, "%s/%s", folder, names[k]);
        assert_int_equal(unlink(list), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_meet_in_the_middle),
        cmocka_unit_test(scale_is_a_percentile),
        cmocka_unit_test(maps_and_overlays),
        cmocka_unit_test(sheets),
        cmocka_unit_test(full_sheet),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
