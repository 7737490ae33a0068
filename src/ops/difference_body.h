/* Quotients of differences in one precision. Stamped by ops/difference.h. */

/* Whether x and x0 are nearer than the root of the precision: a quotient of differences has then lost half of its digits, the slope is right to as
 * many, and slope (x - x0) errs from y - y0 by a rounding. */
static inline bool F(ocelot_close)(REAL x, REAL x0)
{
    const REAL root = (REAL)(sizeof(REAL) < sizeof 1.0 ? 0x1p-12 : 0x1p-26);
    REAL apart = x < x0 ? x0 - x : x - x0, size = x < 0 ? -x : x, size0 = x0 < 0 ? -x0 : x0;
    return apart <= root * (size > size0 ? size : size0);
}

/* (y - y0) / (x - x0), or the slope. */
static inline REAL F(ocelot_quotient)(REAL x, REAL x0, REAL y, REAL y0, REAL slope)
{
    return F(ocelot_close)(x, x0) ? slope : (y - y0) / (x - x0);
}
