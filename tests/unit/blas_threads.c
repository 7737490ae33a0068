/* A program may end the threads that BLAS started when it was loaded, once or more often; products are right afterwards and start none again. */
#include <dirent.h>

#include "kernels/matrix.h"
#include "ocelot/status.h"
#include "support/cmocka_include.h"

/* Threads of this process, 0 where the system does not say. */
static size_t threads(void)
{
    size_t count = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *entry = tasks ? readdir(tasks) : NULL; entry; entry = readdir(tasks))
        count += entry->d_name[0] != '.';
    if (tasks)
        closedir(tasks);
    return count;
}

static void threads_end_and_stay_ended(void **state)
{
    (void)state;
    enum { SIZE = 300 }; /* large enough for OpenBLAS to share it out */
    static double a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];
    size_t before = threads();
    ocelot_end_blas_threads();
    ocelot_end_blas_threads();
    size_t after = threads();
    assert_true(after <= before);
    for (size_t n = 0; n < (size_t)SIZE * SIZE; n++) {
        a[n] = (double)(n % 7);
        b[n] = n / SIZE == n % SIZE ? 2 : 0;
    }
    ocelot_matrix_f64(false, false, SIZE, SIZE, SIZE, a, b, false, c);
    for (size_t n = 0; n < (size_t)SIZE * SIZE; n++)
        assert_true(c[n] == 2 * a[n]);
    assert_int_equal(threads(), after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_end_and_stay_ended)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
