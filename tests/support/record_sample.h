/* One record with names, numbers and texts that break careless writers, and how it is written. Included by one test each. */
#ifndef OCELOT_TESTS_RECORD_SAMPLE_H
#define OCELOT_TESTS_RECORD_SAMPLE_H

#include <math.h>

#include "io/record.h"
#include "support/cmocka_include.h"

enum { FEATURES = 4 };
#define MISSING ((double)NAN)

/* Names and texts that break careless writers. */
static const char *const names[FEATURES] = {"pressure", "a,\"b\"\nc", "\033[31mred\177", "Gr\303\266\303\237e \377"};
static const char hostile_id[] = "x\",\n\t\\\033]0;title\007 \342\200\256 =1+1";

static const double values[FEATURES] = {9.1, 1e-300, -0.1, 12345678901.0};
static const double relevance[FEATURES] = {1.62, 0.1 + 0.2, 0, 0.5};
static const double nearest[FEATURES] = {6.4, MISSING, 0, 1};
static const double low[FEATURES] = {4.8, -1, MISSING, 0}, high[FEATURES] = {6.9, 1, MISSING, 1};
static const double expected[] = {5.9, MISSING, 1}, share[] = {0.53, 0.16, 0.1};
static const size_t order[] = {0, 3, 1}, support[] = {12, 7};
static const double support_weight[] = {0.62, 0.25};
static const char *const outputs[] = {"1:2", "1:\"3\""};

static struct ocelot_record_context make_context(void)
{
    return (struct ocelot_record_context){.method = "dtd", .explains = "outlier_score", .names = names, .features = FEATURES, .columns = 80};
}

static struct ocelot_record make_record(void)
{
    return (struct ocelot_record){.row = 17,
                                  .id = hostile_id,
                                  .decision = {.is_outlier = true,
                                               .outlier_score = 3.056,
                                               .threshold = 2.41,
                                               .decision_value = -23.14,
                                               .p_value = MISSING,
                                               .output = 0.25,
                                               .target = 1,
                                               .predicted = -1},
                                  .explained = 3.017,
                                  .residual = 0.039,
                                  .excess = (double)INFINITY,
                                  .values = values,
                                  .relevance = relevance,
                                  .nearest = nearest,
                                  .order = order,
                                  .expected = expected,
                                  .share = share,
                                  .shown = 3,
                                  .told = 4,
                                  .support = support,
                                  .support_weight = support_weight,
                                  .support_count = 2};
}

static char *write_one(const char *format, const struct ocelot_record_context *context, const struct ocelot_record *record, bool head, size_t *length)
{
    const struct ocelot_format *found = ocelot_format_find(format);
    struct ocelot_text out = {0};
    assert_non_null(found);
    if (head)
        found->begin(context, 1, &out);
    found->record(context, record, &out);
    if (found->end != NULL)
        found->end(context, 1, &out);
    assert_false(out.failed);
    if (length != NULL)
        *length = out.length;
    return out.bytes;
}

#endif
