#include "kernels/matrix.h"

#include <cblas.h>

#include "ocelot/status.h"

/* One body: cblas names its functions by precision. A type cannot stand in parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define MATRIX(suffix, REAL, gemm)                                                                                                                   \
    void ocelot_matrix_##suffix(bool flip_a, bool flip_b, size_t rows, size_t columns, size_t inner, const REAL *a, const REAL *b, bool add,         \
                                REAL *c)                                                                                                             \
    {                                                                                                                                                \
        gemm(CblasRowMajor, flip_a ? CblasTrans : CblasNoTrans, flip_b ? CblasTrans : CblasNoTrans, (int)rows, (int)columns, (int)inner, 1, a,       \
             (int)(flip_a ? rows : inner), b, (int)(flip_b ? inner : columns), add ? 1 : 0, c, (int)columns);                                        \
    }                                                                                                                                                \
                                                                                                                                                     \
    void ocelot_matrix_part_##suffix(bool flip_a, size_t rows, size_t columns, size_t inner, const REAL *a, const REAL *b, size_t b_row, bool add,   \
                                     REAL *c, size_t c_row)                                                                                          \
    {                                                                                                                                                \
        gemm(CblasRowMajor, flip_a ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)inner, 1, a,                             \
             (int)(flip_a ? rows : inner), b, (int)b_row, add ? 1 : 0, c, (int)c_row);                                                               \
    }

/* NOLINTEND(bugprone-macro-parentheses) */

MATRIX(f64, double, cblas_dgemm)
MATRIX(f32, float, cblas_sgemm)

/* In no header of OpenBLAS, and not in each of its kinds. */
#if defined(__GNUC__)
extern int blas_thread_shutdown_(void) __attribute__((weak));

void ocelot_end_blas_threads(void)
{
    if (!blas_thread_shutdown_)
        return;
    openblas_set_num_threads(1);
    (void)blas_thread_shutdown_();
}
#else
void ocelot_end_blas_threads(void)
{
}
#endif
