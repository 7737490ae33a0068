/* Code that exists in both precisions is written once and stamped twice:
 *
 *     #define OCELOT_BODY "ops/relu_body.h"
 *     #include "base/stamp.h"
 *
 * includes the body with REAL = double, F(name) = name_f64 and PRECISION = f64, then with float, name_f32 and f32. No include guard: every use
 * stamps anew. */
#ifdef OCELOT_BODY
#define REAL double
#define F(name) name##_f64
#define PRECISION f64
#include OCELOT_BODY
#undef REAL
#undef F
#undef PRECISION
#define REAL float
#define F(name) name##_f32
#define PRECISION f32
#include OCELOT_BODY
#undef REAL
#undef F
#undef PRECISION
#undef OCELOT_BODY
#endif
