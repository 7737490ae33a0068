/* Asking a model for explanations in one call, for laws that compare methods. */
#ifndef OCELOT_TESTS_QUESTION_H
#define OCELOT_TESTS_QUESTION_H

#include "ocelot/explain.h"

struct question {
    const char *method;
    const char *setting;      /* "name=value" or NULL */
    const char *more;         /* another one */
    const char *precision;    /* NULL = float64 */
    const char *target;       /* NULL = the model's choice */
    const double *background; /* [background_rows][features] or NULL */
    size_t background_rows;
    size_t batch; /* 0 = chosen */
};

/* Where the answers for all rows go; NULL = not wanted. */
struct question_answer {
    double *relevance; /* [rows][features] */
    double *explained, *residual;
    double *output;                     /* f(x) */
    double *constant;                   /* what the last layer's ledger absorbed: f at a reference */
    struct ocelot_ledger_entry *ledger; /* [rows][layers] */
};

/* Fails the test when the method refuses. */
void question_ask(const struct ocelot_model *model, const struct question *question, const double *x, size_t rows,
                  const struct question_answer *answer);

/* The sentence that refuses it, in `sentence` [size]; fails the test when the method does not. */
void question_refused(const struct ocelot_model *model, const struct question *question, enum ocelot_status status, char *sentence, size_t size);

#endif
