/* From pictures to what networks take, against the formulas. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/preprocess.h"
#include "io/resize.h"
#include "support/close.h"
#include "support/cmocka_include.h"

static struct ocelot_image picture(unsigned char *pixels, size_t height, size_t width, size_t channels)
{
    for (size_t i = 0; i < height * width * channels; i++)
        pixels[i] = (unsigned char)(37 * i + i * i / 5);
    return (struct ocelot_image){.pixels = pixels, .height = height, .width = width, .channels = channels};
}

/* One direction in exact arithmetic: the mean under a tent of half width max(scale, 1) around (k + 1/2) scale. */
static double tent_mean(const unsigned char *samples, size_t step, size_t in, size_t out, size_t k)
{
    double scale = (double)in / (double)out, spread = fmax(scale, 1), centre = ((double)k + 0.5) * scale, sum = 0, weights = 0;
    for (size_t i = 0; i < in; i++) {
        double weight = fmax(0, 1 - fabs((double)i + 0.5 - centre) / spread);
        sum += weight * samples[i * step];
        weights += weight;
    }
    return sum / weights;
}

static void resizing_is_a_mean_under_a_tent(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 5, 8, 13, 31, 64};
    unsigned char pixels[13 * 3];
    (void)state;
    for (size_t channels = 1; channels <= 3; channels += 2)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (int upright = 0; upright < 2; upright++) {
                struct ocelot_image image = upright ? picture(pixels, 13, 1, channels) : picture(pixels, 1, 13, channels), out = {0};
                size_t n = sizes[s];
                assert_int_equal(ocelot_image_resize(&image, upright ? 1 : n, upright ? n : 1, "x", &out, NULL), OCELOT_OK);
                for (size_t k = 0; k < n * channels; k++) {
                    double exact = tent_mean(pixels + k % channels, channels, 13, n, k / channels);
                    /* rounding to a byte, and weights to 22 bits */
                    assert_true(fabs(out.pixels[k] - exact) <= 0.5 + 255 * 13 * 0x1p-22);
                }
                ocelot_image_free(&out);
            }
}

/* 4 x 6 black and white squares to 2 x 3: by hand, what Pillow's BILINEAR gives. */
static void resizing_of_both_directions(void **state)
{
    unsigned char pixels[24];
    struct ocelot_image image = {.pixels = pixels, .width = 6, .height = 4, .channels = 1}, out = {0};
    (void)state;
    for (size_t i = 0; i < 24; i++)
        pixels[i] = i / 6 < 2 ? 0 : 255;
    assert_int_equal(ocelot_image_resize(&image, 3, 2, "x", &out, NULL), OCELOT_OK);
    for (size_t k = 0; k < 6; k++) /* rows weighted 3 3 1 0 (sum 7) and 0 1 3 3: 255 / 7 = 36.4, 255 * 6 / 7 = 218.6 */
        assert_int_equal(out.pixels[k], k < 3 ? 36 : 219);
    ocelot_image_free(&out);
}

static void presets_are_known(void **state)
{
    static const char *const names[] = {"imagenet", "imagenet-caffe", "cifar10", "mnist", "unit", "signed", "none"};
    (void)state;
    for (size_t k = 0; k < 7; k++) {
        const struct ocelot_preprocess *p = ocelot_preprocess_find(names[k]);
        assert_non_null(p);
        assert_ptr_equal(p, ocelot_preprocess_at(k));
    }
    assert_null(ocelot_preprocess_at(7));
    assert_null(ocelot_preprocess_find("vgg"));
}

/* Values of a picture that has the network's size; order, scale, mean, deviation; bounds; and back. */
static void values_are_scaled(void **state)
{
    unsigned char pixels[2 * 3 * 3];
    struct ocelot_image image = picture(pixels, 2, 3, 3);
    static const size_t shape[] = {3, 2, 3};
    (void)state;
    for (size_t k = 0; ocelot_preprocess_at(k) != NULL; k++) {
        const struct ocelot_preprocess *p = ocelot_preprocess_at(k);
        double values[18];
        struct ocelot_image back = {0};
        if (p->channels != NULL && strcmp(p->channels, "grey") == 0)
            continue;
        bool turned = p->channels != NULL && strcmp(p->channels, "bgr") == 0;
        assert_int_equal(ocelot_preprocess_apply(p, &image, "x", shape, values, NULL), OCELOT_OK);
        for (size_t c = 0; c < 3; c++) {
            double low = 0, high = 0;
            ocelot_preprocess_bounds(p, c, &low, &high);
            for (size_t i = 0; i < 6; i++) {
                double expected = (pixels[3 * i + (turned ? 2 - c : c)] * p->pixel_scale - p->mean[c]) / p->deviation[c];
                assert_true(values[6 * c + i] == expected && low <= expected && expected <= high);
            }
            assert_true(low == (0 - p->mean[c]) / p->deviation[c] && high == (255 * p->pixel_scale - p->mean[c]) / p->deviation[c]);
        }
        assert_int_equal(ocelot_preprocess_undo(p, values, shape, &back, NULL), OCELOT_OK);
        assert_memory_equal(back.pixels, pixels, sizeof pixels);
        ocelot_image_free(&back);
    }
}

static void grey_and_colour(void **state)
{
    unsigned char colour[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}, level[] = {7, 9};
    struct ocelot_image rgb = {.pixels = colour, .width = 4, .height = 1, .channels = 3},
                        grey = {.pixels = level, .width = 2, .height = 1, .channels = 1};
    static const size_t one[] = {1, 1, 4}, three[] = {3, 1, 2}, four[] = {4, 1, 4};
    const struct ocelot_preprocess *none = ocelot_preprocess_find("none"), *mnist = ocelot_preprocess_find("mnist");
    double values[6];
    struct ocelot_error err = {0};
    (void)state;
    assert_int_equal(ocelot_preprocess_apply(none, &rgb, "x", one, values, NULL), OCELOT_OK);
    assert_true(values[0] == 76 && values[1] == 150 && values[2] == 29 && values[3] == 255); /* .299, .587, .114 */
    assert_int_equal(ocelot_preprocess_apply(none, &grey, "x", three, values, NULL), OCELOT_OK);
    for (size_t i = 0; i < 6; i++)
        assert_true(values[i] == level[i % 2]);
    assert_int_equal(ocelot_preprocess_apply(none, &rgb, "x.png", four, values, &err), OCELOT_E_SHAPE);
    assert_string_equal(err.message, "x.png: the network takes 4 channels, a picture has 1 or 3");
    err = (struct ocelot_error){0};
    assert_int_equal(ocelot_preprocess_apply(mnist, &rgb, "x.png", three, values, &err), OCELOT_E_SHAPE);
    assert_string_equal(err.message, "x.png: the network takes 3 channels, grey has 1");
}

/* Shorter side, then the centre; a half is rounded to the even number. */
static void crop_takes_the_centre(void **state)
{
    static const struct {
        size_t height, width, top, left;
    } cuts[] = {{4, 4, 0, 0}, {5, 4, 0, 0}, {6, 8, 1, 2}, {7, 9, 2, 2}, {4, 11, 0, 4}, {9, 13, 2, 4}};
    static const size_t shape[] = {1, 4, 4};
    unsigned char pixels[9 * 13];
    (void)state;
    for (size_t k = 0; k < sizeof cuts / sizeof cuts[0]; k++) {
        struct ocelot_image image = picture(pixels, cuts[k].height, cuts[k].width, 1);
        struct ocelot_preprocess p = *ocelot_preprocess_find("none");
        double values[16];
        assert_int_equal(ocelot_preprocess_adjust(&p, &(struct ocelot_preprocess_texts){.crop = "4"}, NULL), OCELOT_OK);
        assert_int_equal(ocelot_preprocess_apply(&p, &image, "x", shape, values, NULL), OCELOT_OK);
        for (size_t i = 0; i < 16; i++) {
            size_t y = cuts[k].top + i / 4, x = cuts[k].left + i % 4;
            assert_true(values[i] == pixels[y * cuts[k].width + x]);
        }
    }
}

/* The sizes that presets resize to: torchvision's Resize(256) and CenterCrop(224) in small. */
static void fits(void **state)
{
    static const size_t shape[] = {3, 7, 7};
    static const struct {
        const char *preset, *resize;
        size_t height, width; /* of the picture */
        size_t tall, wide;    /* what it is resized to; 0 = refused */
    } cases[] = {
        {"imagenet", NULL, 10, 20, 8, 16}, {"imagenet", NULL, 21, 10, 16, 8}, {"imagenet", NULL, 7, 7, 7, 7},  {"imagenet", "8", 7, 7, 8, 8},
        {"imagenet", "9", 10, 20, 9, 18},  {"cifar10", NULL, 10, 20, 7, 7},   {"none", NULL, 10, 20, 0, 0},    {"none", "7x7", 10, 20, 7, 7},
        {"none", "7x8", 10, 20, 0, 0},     {"imagenet", "no", 10, 20, 0, 0},  {"imagenet", "6", 10, 20, 0, 0},
    };
    unsigned char pixels[21 * 20 * 3];
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct ocelot_image image = picture(pixels, cases[k].height, cases[k].width, 3), resized = {0};
        struct ocelot_preprocess p = *ocelot_preprocess_find(cases[k].preset);
        double values[147], expected[147];
        assert_int_equal(ocelot_preprocess_adjust(&p, &(struct ocelot_preprocess_texts){.resize = cases[k].resize}, NULL), OCELOT_OK);
        enum ocelot_status status = ocelot_preprocess_apply(&p, &image, "x", shape, values, NULL);
        assert_int_equal(status, cases[k].tall > 0 ? OCELOT_OK : OCELOT_E_SHAPE);
        if (status != OCELOT_OK)
            continue;
        assert_int_equal(ocelot_image_resize(&image, cases[k].wide, cases[k].tall, "x", &resized, NULL), OCELOT_OK);
        p.fit = OCELOT_FIT_NONE;
        p.crop_height = p.crop_width = 7;
        assert_int_equal(ocelot_preprocess_apply(&p, &resized, "x", shape, expected, NULL), OCELOT_OK);
        assert_memory_equal(values, expected, sizeof values);
        ocelot_image_free(&resized);
    }
}

static void texts(void **state)
{
    static const struct {
        struct ocelot_preprocess_texts texts;
        const char *part; /* of the message; NULL = good */
    } cases[] = {
        {{.mean = "1,2,3", .deviation = "2", .pixel_scale = "1/255", .channels = "bgr", .crop = "3x4", .resize = "256"}, NULL},
        {{.mean = "1,2"}, "--mean: found \"1,2\""},
        {{.mean = "1,2,3,4"}, "--mean"},
        {{.mean = ""}, "--mean"},
        {{.mean = "nan"}, "--mean"},
        {{.deviation = "0"}, "--std"},
        {{.deviation = "1,1,-1"}, "--std"},
        {{.pixel_scale = "1/0"}, "--pixel-scale"},
        {{.pixel_scale = "2x"}, "--pixel-scale"},
        {{.channels = "rbg"}, "--channels"},
        {{.resize = "0"}, "--resize"},
        {{.resize = "3x"}, "--resize"},
        {{.resize = "70000"}, "--resize"},
        {{.crop = "x3"}, "--crop"},
        {{.crop = "no"}, "--crop"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct ocelot_preprocess p = *ocelot_preprocess_find("none");
        struct ocelot_error err = {0};
        enum ocelot_status status = ocelot_preprocess_adjust(&p, &cases[k].texts, &err);
        assert_int_equal(status, cases[k].part != NULL ? OCELOT_E_ARGUMENT : OCELOT_OK);
        if (cases[k].part != NULL)
            assert_non_null(strstr(err.message, cases[k].part));
        else
            assert_true(p.mean[2] == 3 && p.deviation[2] == 2 && p.pixel_scale == 1.0 / 255 && p.crop_height == 3 && p.crop_width == 4 &&
                        p.shorter == 256 && strcmp(p.channels, "bgr") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resizing_is_a_mean_under_a_tent),
        cmocka_unit_test(resizing_of_both_directions),
        cmocka_unit_test(presets_are_known),
        cmocka_unit_test(values_are_scaled),
        cmocka_unit_test(grey_and_colour),
        cmocka_unit_test(crop_takes_the_centre),
        cmocka_unit_test(fits),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
