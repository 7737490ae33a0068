/* Built without oneDNN. */
#include "kernels/engine.h"
#include "ocelot/status.h"

const char *ocelot_engine(void)
{
    return "OpenBLAS";
}

bool ocelot_engine_blocks(void)
{
    return false;
}

size_t ocelot_engine_bytes(const struct ocelot_convolution *c, unsigned ways)
{
    (void)c;
    (void)ways;
    return 0;
}

void ocelot_engine_prepare(const struct ocelot_convolution *c, unsigned ways, const float *weights, size_t inputs, void *prepared)
{
    (void)inputs;
    (void)c;
    (void)ways;
    (void)weights;
    (void)prepared;
}

void ocelot_engine_release(void *prepared)
{
    (void)prepared;
}

size_t ocelot_engine_scratch(const struct ocelot_convolution *c, unsigned ways)
{
    (void)c;
    (void)ways;
    return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): as the header has it */
bool ocelot_engine_forward(const struct ocelot_convolution *c, const void *prepared, const float *bias, const float *in, float *scratch, float *out)
{
    (void)c;
    (void)prepared;
    (void)bias;
    (void)in;
    (void)scratch;
    (void)out;
    return false;
}

bool ocelot_engine_transpose(const struct ocelot_convolution *c, const void *prepared, const float *s, float *scratch, float *back)
{
    return ocelot_engine_forward(c, prepared, NULL, s, scratch, back);
}

const char *ocelot_engine_implementation(const struct ocelot_convolution *c, bool transpose)
{
    (void)c;
    (void)transpose;
    return "";
}
