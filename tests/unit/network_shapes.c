/* Every convolution of VGG16, GoogLeNet, ResNet18 and SqueezeNet 1.1, as float plans have them: which way it is done, forward and back. Plain loops
 * and im2col would give the same numbers, a hundred times or twice as slowly, and nobody would notice. `ocelot-bench-network --layers` prints the
 * same for any network. */
#include <stdio.h>
#include <string.h>

#include "kernels/convolver.h"
#include "kernels/engine.h"
#include "ocelot/status.h"
#include "support/cmocka_include.h"

/* channels in and out, kernel, stride, padding, height and width of the input, whether inputs and outputs stand in blocks */
static const struct {
    size_t inputs, outputs, kernel, stride, pad, in;
    bool in_blocks, out_blocks;
} shapes[] = {
    {3, 64, 3, 1, 1, 224, 0, 1},   {3, 64, 3, 2, 0, 224, 0, 1},    {3, 64, 7, 2, 3, 224, 0, 1},   {16, 32, 3, 1, 1, 28, 1, 1},
    {16, 48, 3, 1, 1, 14, 1, 1},   {16, 64, 1, 1, 0, 55, 1, 1},    {16, 64, 3, 1, 1, 55, 1, 1},   {24, 64, 3, 1, 1, 14, 0, 1},
    {32, 64, 3, 1, 1, 14, 1, 1},   {32, 96, 3, 1, 1, 28, 1, 1},    {32, 128, 1, 1, 0, 27, 1, 1},  {32, 128, 3, 1, 1, 7, 1, 1},
    {32, 128, 3, 1, 1, 14, 1, 1},  {32, 128, 3, 1, 1, 27, 1, 1},   {48, 128, 3, 1, 1, 7, 1, 1},   {48, 192, 1, 1, 0, 13, 1, 1},
    {48, 192, 3, 1, 1, 13, 1, 1},  {64, 16, 1, 1, 0, 55, 1, 1},    {64, 64, 1, 1, 0, 56, 1, 1},   {64, 64, 3, 1, 1, 56, 1, 1},
    {64, 64, 3, 1, 1, 224, 1, 1},  {64, 128, 1, 2, 0, 56, 1, 1},   {64, 128, 3, 1, 1, 112, 1, 1}, {64, 128, 3, 2, 1, 56, 1, 1},
    {64, 192, 3, 1, 1, 56, 1, 1},  {64, 256, 1, 1, 0, 13, 1, 1},   {64, 256, 3, 1, 1, 13, 1, 1},  {96, 128, 3, 1, 1, 28, 1, 1},
    {96, 208, 3, 1, 1, 14, 1, 1},  {112, 224, 3, 1, 1, 14, 1, 1},  {128, 16, 1, 1, 0, 55, 1, 1},  {128, 32, 1, 1, 0, 27, 1, 1},
    {128, 128, 3, 1, 1, 28, 1, 1}, {128, 128, 3, 1, 1, 112, 1, 1}, {128, 192, 3, 1, 1, 28, 1, 1}, {128, 256, 1, 2, 0, 28, 1, 1},
    {128, 256, 3, 1, 1, 14, 1, 1}, {128, 256, 3, 1, 1, 56, 1, 1},  {128, 256, 3, 2, 1, 28, 1, 1}, {144, 288, 3, 1, 1, 14, 1, 1},
    {160, 320, 3, 1, 1, 7, 1, 1},  {160, 320, 3, 1, 1, 14, 1, 1},  {192, 16, 1, 1, 0, 28, 1, 1},  {192, 32, 1, 1, 0, 28, 1, 1},
    {192, 64, 1, 1, 0, 28, 1, 1},  {192, 96, 1, 1, 0, 28, 1, 1},   {192, 384, 3, 1, 1, 7, 1, 1},  {256, 32, 1, 1, 0, 27, 1, 1},
    {256, 32, 1, 1, 0, 28, 1, 1},  {256, 48, 1, 1, 0, 13, 1, 1},   {256, 64, 1, 1, 0, 28, 1, 1},  {256, 128, 1, 1, 0, 28, 1, 1},
    {256, 256, 3, 1, 1, 14, 1, 1}, {256, 256, 3, 1, 1, 56, 1, 1},  {256, 512, 1, 2, 0, 14, 1, 1}, {256, 512, 3, 1, 1, 28, 1, 1},
    {256, 512, 3, 2, 1, 14, 1, 1}, {384, 48, 1, 1, 0, 13, 1, 1},   {384, 64, 1, 1, 0, 13, 1, 1},  {480, 16, 1, 1, 0, 14, 1, 1},
    {480, 64, 1, 1, 0, 14, 1, 1},  {480, 96, 1, 1, 0, 14, 1, 1},   {480, 192, 1, 1, 0, 14, 1, 1}, {512, 24, 1, 1, 0, 14, 1, 0},
    {512, 32, 1, 1, 0, 14, 1, 1},  {512, 64, 1, 1, 0, 13, 1, 1},   {512, 64, 1, 1, 0, 14, 1, 1},  {512, 112, 1, 1, 0, 14, 1, 1},
    {512, 128, 1, 1, 0, 14, 1, 1}, {512, 144, 1, 1, 0, 14, 1, 1},  {512, 160, 1, 1, 0, 14, 1, 1}, {512, 512, 3, 1, 1, 7, 1, 1},
    {512, 512, 3, 1, 1, 14, 1, 0}, {512, 512, 3, 1, 1, 14, 1, 1},  {512, 512, 3, 1, 1, 28, 1, 1}, {512, 1000, 1, 1, 0, 13, 1, 0},
    {528, 32, 1, 1, 0, 14, 1, 1},  {528, 128, 1, 1, 0, 14, 1, 1},  {528, 160, 1, 1, 0, 14, 1, 1}, {528, 256, 1, 1, 0, 14, 1, 1},
    {832, 32, 1, 1, 0, 7, 1, 1},   {832, 48, 1, 1, 0, 7, 1, 1},    {832, 128, 1, 1, 0, 7, 1, 1},  {832, 160, 1, 1, 0, 7, 1, 1},
    {832, 192, 1, 1, 0, 7, 1, 1},  {832, 256, 1, 1, 0, 7, 1, 1},   {832, 384, 1, 1, 0, 7, 1, 1},
};

static struct ocelot_convolver convolver(const struct ocelot_kernels *body, size_t k)
{
    size_t in = shapes[k].in, out = (in + 2 * shapes[k].pad - shapes[k].kernel) / shapes[k].stride + 1, block = body->block;
    return (struct ocelot_convolver){.kernels = body,
                                     .forward = true,
                                     .transpose = true,
                                     .c = {.groups = 1,
                                           .inputs = shapes[k].inputs,
                                           .outputs = shapes[k].outputs,
                                           .kernel = {shapes[k].kernel, shapes[k].kernel},
                                           .stride = {shapes[k].stride, shapes[k].stride},
                                           .dilation = {1, 1},
                                           .pad = {shapes[k].pad, shapes[k].pad},
                                           .in = {in, in},
                                           .out = {out, out},
                                           .in_block = shapes[k].in_blocks ? block : 1,
                                           .out_block = shapes[k].out_blocks ? block : 1}};
}

/* What is expected where it is ours to say; NULL = oneDNN's code for this processor. */
static const char *expected(const struct ocelot_kernels *body, size_t k, bool transpose)
{
    if (shapes[k].inputs == 3 && transpose)
        return "narrow";
    if (!shapes[k].in_blocks || !shapes[k].out_blocks)
        return NULL;
    if (shapes[k].kernel == 3 && shapes[k].stride == 1 && (shapes[k].in >= 13 || shapes[k].inputs >= 128))
        return "winograd";
    if (shapes[k].kernel == 3 && shapes[k].stride == 2 && shapes[k].in >= 28)
        return "winograd";
    bool few = shapes[k].in / shapes[k].stride <= 7, many = shapes[k].kernel * shapes[k].kernel * shapes[k].inputs * shapes[k].outputs > 200000;
    return few && many && body->block == 16 ? "gathered" : NULL;
}

static void no_convolution_of_the_networks_is_slow(void **state)
{
    (void)state;
    for (const struct ocelot_kernels *const *body = ocelot_kernel_bodies; *body; body++)
        for (size_t k = 0; (*body)->block && (*body)->available() && ocelot_engine_blocks() && k < sizeof shapes / sizeof *shapes; k++)
            for (int transpose = 0; transpose < 2; transpose++) {
                struct ocelot_convolver v = convolver(*body, k);
                const char *name = ocelot_convolver_implementation(&v, transpose), *wanted = expected(*body, k, transpose);
                if (wanted ? strcmp(name, wanted) != 0 : strstr(name, "ref") || strstr(name, "gemm") || strcmp(name, "matrices") == 0)
                    fail_msg("%s, %zu to %zu channels of %zux%zu%s: done by '%s'", (*body)->name, shapes[k].inputs, shapes[k].outputs, shapes[k].in,
                             shapes[k].in, transpose ? ", backwards" : "", name);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_convolution_of_the_networks_is_slow)};
    return cmocka_run_group_tests_name("network-shapes", tests, NULL, NULL);
}
