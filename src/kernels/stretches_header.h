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

/* to = from [n]. */
void F(ocelot_stretches_copy)(struct ocelot_team *team, const REAL *from, size_t n, REAL *to);
