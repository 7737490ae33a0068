/* One precision. Stamped by stretches.h. As the functions of the same names in struct ocelot_signals. */
double F(ocelot_stretches_sum)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *values, size_t n, double *magnitude);
void F(ocelot_stretches_add)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, size_t n, REAL *to);
void F(ocelot_stretches_rectify)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, size_t n, REAL *to);
void F(ocelot_stretches_multiply)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, REAL sign, size_t n,
                                  REAL *to);

/* to = from [n]. */
void F(ocelot_stretches_copy)(struct ocelot_team *team, const REAL *from, size_t n, REAL *to);
