/* One precision. Stamped by stretches.h. As the functions of the same names in struct ocelot_signals; where they take a magnitude, they return the
 * sum of `to`, and leave that of its magnitudes there. */
double F(ocelot_stretches_sum)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *values, size_t n, double *magnitude);
void F(ocelot_stretches_add)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, REAL sign, size_t n, REAL *to);
double F(ocelot_stretches_add_up)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, size_t n, REAL *to,
                                  double *magnitude);
void F(ocelot_stretches_rectify)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, size_t n, REAL *to);
bool F(ocelot_stretches_part)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, REAL positive, REAL negative,
                              REAL constant, size_t n, REAL *to);
double F(ocelot_stretches_multiply)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, REAL sign, const REAL *by,
                                    size_t n, REAL *to, double *magnitude);

double F(ocelot_stretches_blend)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from,
                                 const struct F(ocelot_blend) * blend, const REAL *above, const REAL *below, size_t n, REAL *to, double *magnitude);

/* to = from [n]. */
void F(ocelot_stretches_copy)(struct ocelot_team *team, const REAL *from, size_t n, REAL *to);

/* to = in[0] + in[1] + ... [n], in that order. */
void F(ocelot_stretches_total)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *const *in, size_t inputs, size_t n,
                               REAL *to);

/* One input of such a total, and what comes back to it. */
struct F(ocelot_share) {
    const REAL *in;
    REAL *back;
    double sum[OCELOT_STRETCHES], magnitude[OCELOT_STRETCHES]; /* of `back`, stretch by stretch, and then as a whole in the first of them */
};

/* The way back of a total: back = in * s [q->count] for each of `inputs` shares, with the quotients s of q at z, the total, which is added up once
 * more: nothing is read or written but R, in and back, each once. q has no bias and no gate; its z and out are not looked at. */
void F(ocelot_stretches_divide)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const struct F(ocelot_quotients) * q,
                                struct F(ocelot_share) * shares, size_t inputs, double *absorbed, double *leaked);
