/* Any bytes as a number: what is read is what strtod reads, what is printed reads back to the same bits. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static void check_parse(const char *text, size_t size)
{
    double value = 42;
    const char *after = ocelot_number_parse(text, text + size, &value);
    if (!after) {
        demand(value == 42);
        return;
    }
    demand(after > text && after <= text + size);
    char *copy = malloc((size_t)(after - text) + 1), *stop;
    if (!copy)
        return;
    memcpy(copy, text, (size_t)(after - text));
    copy[after - text] = '\0';
    double expected = strtod(copy, &stop);
    demand(*stop == '\0');
    demand(isnan(value) ? isnan(expected) : memcmp(&value, &expected, sizeof value) == 0);
    free(copy);
}

static void check_integer(const char *text, size_t size)
{
    long long value = 42;
    const char *after = ocelot_integer_parse(text, text + size, &value);
    if (!after) {
        demand(value == 42);
        return;
    }
    char copy[32] = "", *stop;
    if (after - text >= (long)sizeof copy)
        return; /* leading zeros */
    memcpy(copy, text, (size_t)(after - text));
    errno = 0;
    demand(strtoll(copy, &stop, 10) == value && *stop == '\0' && errno == 0);
}

static void check_print(double value)
{
    char text[OCELOT_NUMBER_SIZE];
    double back;
    size_t length = ocelot_number_print(text, value);
    demand(length < sizeof text && strlen(text) == length);
    demand(ocelot_number_parse(text, text + length, &back) == text + length);
    demand(isnan(value) ? isnan(back) : memcmp(&value, &back, sizeof value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double value;
    char *text = malloc(size ? size : 1); /* exactly as many bytes as there are, so that a read behind them shows */
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    check_parse(text, size);
    check_integer(text, size);
    if (size >= sizeof value) {
        memcpy(&value, data, sizeof value);
        check_print(value);
    }
    free(text);
    return 0;
}
