/* Law: whichever allocation fails, the call says OCELOT_E_MEMORY with a sentence, nothing crashes, nothing leaks (seen under the sanitize
 * preset), and what could be done before can be done after. LIBSVM's and jansson's own allocations are theirs. */
#include "law/faults.h"

#include <stdio.h>
#include <string.h>

#include "support/cmocka_include.h"
#include "support/faults.h"

/* More than any scenario allocates: a scenario that never gets through is a bug of its own. */
enum { MOST_ALLOCATIONS = 20000 };

static void check(const struct fault_scenario *scenario, size_t k, enum ocelot_status without, void (*arm)(size_t))
{
    struct ocelot_error error = {0};
    arm(k);
    enum ocelot_status status = scenario->run(scenario->argument, &error);
    bool hit = faults_hit();
    faults_fail_at(0);
    enum ocelot_status expected = hit ? OCELOT_E_MEMORY : without;
    if (status != expected || error.status != expected)
        fail_msg("%s, allocation %zu: returned '%s', the error says '%s' (%s), expected '%s'", scenario->name, k, ocelot_status_name(status),
                 ocelot_status_name(error.status), error.message, ocelot_status_name(expected));
    if (hit && strlen(error.message) < 10)
        fail_msg("%s, allocation %zu: no sentence", scenario->name, k);
}

static void law(const struct fault_scenario *scenario)
{
    struct ocelot_error error = {0};
    faults_fail_at(0);
    enum ocelot_status without = scenario->run(scenario->argument, &error);
    size_t allocations = faults_count();
    if (without != OCELOT_OK && without != OCELOT_E_UNSUPPORTED)
        fail_msg("%s: fails without any fault: %s", scenario->name, error.message);
    if (allocations == 0 || allocations > MOST_ALLOCATIONS)
        fail_msg("%s: makes %zu allocations, nothing to test", scenario->name, allocations);
    for (size_t k = 1; k <= allocations; k++) {
        check(scenario, k, without, faults_fail_at);
        check(scenario, k, without, faults_fail_from);
    }
    check(scenario, allocations + 1, without, faults_fail_at);
    if (faults_leaked())
        fail_msg("%s: leaks after a failed allocation", scenario->name);
    print_message("%5zu allocations: %s\n", allocations, scenario->name);
}

static void laws(const struct fault_scenario *table)
{
    for (; table->name; table++)
        law(table);
}

static void test_graphs(void **state)
{
    (void)state;
    laws(fault_graph_scenarios);
}

static void test_models(void **state)
{
    (void)state;
    laws(fault_model_scenarios);
}

static void test_methods(void **state)
{
    (void)state;
    laws(fault_method_scenarios());
}

static void test_rows(void **state)
{
    (void)state;
    laws(fault_row_scenarios);
    laws(fault_picture_scenarios);
}

static void test_streams(void **state)
{
    (void)state;
    laws(fault_stream_scenarios);
}

static void test_onnx(void **state)
{
    (void)state;
    laws(fault_onnx_scenarios);
}

static void test_stacks(void **state)
{
    (void)state;
    laws(fault_stack_scenarios);
}

static void test_analysis(void **state)
{
    (void)state;
    laws(fault_analysis_scenarios);
    laws(fault_truth_scenarios);
}

static int make(void **state)
{
    (void)state;
    fault_models_make();
    fault_methods_make();
    fault_onnx_make();
    fault_stack_make();
    return 0;
}

static int drop(void **state)
{
    (void)state;
    fault_models_free();
    fault_onnx_free();
    fault_stack_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_graphs),  cmocka_unit_test(test_models), cmocka_unit_test(test_methods), cmocka_unit_test(test_rows),
        cmocka_unit_test(test_streams), cmocka_unit_test(test_onnx),   cmocka_unit_test(test_stacks),  cmocka_unit_test(test_analysis),
    };
    return cmocka_run_group_tests_name("faults", tests, make, drop);
}
