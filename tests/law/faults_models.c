/* Models in every role: read, written, trained, planned, explained. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "law/faults.h"
#include "ocelot/ocelot.h"
#include "ocelot/onnx.h"
#include "support/cmocka_include.h"
#include "svm/file.h"

enum { FEATURES = 3, ROWS = 40 };

static double rows[ROWS * FEATURES];
static const char *const names[FEATURES] = {"pressure", "flow \"in\"", "temperature"};

/* One model a row: trained with a kernel, or read from the text of a file. */
static struct made {
    const char *kernel, *scaling; /* to train */
    const char *file;             /* or to read */
    struct ocelot_model *model;
    char *bytes; /* of the model file */
    size_t size;
    char *onnx; /* of the ONNX file */
    size_t onnx_size;
} made[] = {
    {.kernel = "rbf", .scaling = "standard"},
    {.kernel = "laplace", .scaling = "none"},
    {.kernel = "generalised-gaussian", .scaling = "minmax"},
    {.kernel = "student", .scaling = "robust"},
    {.kernel = "linear", .scaling = "standard"},
    {.kernel = "polynomial", .scaling = "standard"},
    {.kernel = "sigmoid", .scaling = "standard"},
    {.file = "svm_type c_svc\nkernel_type rbf\ngamma 0.5\nnr_class 3\ntotal_sv 4\nrho 0.1 -0.2 0.3\nlabel 1 2 3\nprobA 1 2 3\nprobB 4 5 6\n"
             "nr_sv 2 1 1\nSV\n0.5 0.25 1:1 2:0 3:1\n0.5 0.25 2:1\n-1 0.5 1:2\n-0.5 -0.5 3:2\n"},
    {.file = "svm_type nu_svc\nkernel_type linear\nnr_class 2\ntotal_sv 2\nrho 0.1\nlabel -1 1\nnr_sv 1 1\nSV\n1 1:1 2:0 3:1\n-1 2:1\n"},
    {.file = "svm_type epsilon_svr\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 0.1\nprobA 0.5\nSV\n1 1:1 2:0 3:1\n-1 2:1\n"},
    {.file = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 0.1\n"
             "prob_density_marks 1 2 3 4 5 6 7 8 9 10\nSV\n1 1:1 2:0 3:1\n1 2:1\n"},
};
enum { MADE = sizeof made / sizeof *made };

static char folder[] = OCELOT_BINARY_DIR "/faults-XXXXXX", path[sizeof folder + 16], range_path[sizeof folder + 16];

static struct ocelot_train_options training(const struct made *m)
{
    struct ocelot_train_options options;
    ocelot_options_default(ocelot_train_option_table, &options);
    options.kernel = m->kernel;
    options.scaling = m->scaling;
    options.gamma = "median";
    options.sample = ROWS / 2;
    return options;
}

static void write_file(const char *file, const char *text)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

void fault_models_make(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 7);
    for (size_t i = 0; i < ROWS * FEATURES; i++)
        rows[i] = ocelot_rng_normal(&rng) + 3;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model", folder);
    snprintf(range_path, sizeof range_path, "%s/range", folder);
    for (size_t k = 0; k < MADE; k++) {
        struct made *m = &made[k];
        struct ocelot_train_options options;
        struct ocelot_error error = {0};
        if (m->kernel) {
            options = training(m);
            if (ocelot_svm_train(rows, ROWS, FEATURES, names, &options, &m->model, &error) != OCELOT_OK)
                fail_msg("%s: %s", m->kernel, error.message);
        } else if (ocelot_svm_read_memory(m->file, strlen(m->file), "text", NULL, &m->model, &error) != OCELOT_OK) {
            fail_msg("%s", error.message);
        }
        assert_int_equal(ocelot_svm_write(m->model, path, &error), OCELOT_OK);
        assert_int_equal(ocelot_file_read(path, 0, &m->bytes, &m->size, &error), OCELOT_OK);
        assert_int_equal(ocelot_onnx_write(m->model, path, &error), OCELOT_OK);
        assert_int_equal(ocelot_file_read(path, 0, &m->onnx, &m->onnx_size, &error), OCELOT_OK);
    }
    remove(path);
    write_file(range_path, "x\n-1 1\n1 0 4\n2 1 3\n3 -2 7\n5 0 1\n");
}

const struct ocelot_model *fault_model_at(size_t k)
{
    return k < MADE ? made[k].model : NULL;
}

void fault_models_free(void)
{
    remove(path);
    remove(range_path);
    /* Fails where a failed write left its temporary file behind. */
    if (rmdir(folder) != 0)
        fail_msg("files were left behind in %s", folder);
    for (size_t k = 0; k < MADE; k++) {
        ocelot_model_free(made[k].model);
        free(made[k].bytes);
        free(made[k].onnx);
    }
}

static enum ocelot_status read_memory(const void *argument, struct ocelot_error *err)
{
    const struct made *m = argument;
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_svm_read_memory(m->bytes, m->size, "model", NULL, &model, err);
    ocelot_model_free(model);
    return status;
}

/* From a path, with a range file that widens the model. */
static enum ocelot_status read_scaled(const void *argument, struct ocelot_error *err)
{
    const struct ocelot_svm_read_options options = {.range = range_path};
    struct ocelot_model *model = NULL;
    write_file(path, argument);
    enum ocelot_status status = ocelot_svm_read(path, &options, &model, err);
    ocelot_model_free(model);
    return status;
}

static enum ocelot_status read_precomputed(const void *argument, struct ocelot_error *err)
{
    const struct ocelot_svm_read_options options = {
        .support_rows = rows, .support_row_count = ROWS, .support_columns = FEATURES, .kernel = "laplace", .gamma = 0.5};
    static const char text[] = "svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv 2\nrho 0.5\nSV\n1 0:3\n1 0:17\n";
    struct ocelot_model *model = NULL;
    (void)argument;
    enum ocelot_status status = ocelot_svm_read_memory(text, sizeof text - 1, "model", &options, &model, err);
    ocelot_model_free(model);
    return status;
}

static enum ocelot_status read_onnx(const void *argument, struct ocelot_error *err)
{
    const struct made *m = argument;
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_onnx_read_memory(m->onnx, m->onnx_size, "model", NULL, &model, err);
    ocelot_model_free(model);
    return status;
}

/* Half a file must never be there: all of it or none. */
static enum ocelot_status check_written(enum ocelot_status status, struct ocelot_error *err)
{
    FILE *there = fopen(path, "r");
    if ((there != NULL) != (status == OCELOT_OK))
        status = ocelot_fail(err, OCELOT_E_IO, "a failed write left a file, or a good one none");
    if (there)
        fclose(there);
    remove(path);
    return status;
}

static enum ocelot_status write_model(const void *argument, struct ocelot_error *err)
{
    return check_written(ocelot_svm_write(((const struct made *)argument)->model, path, err), err);
}

static enum ocelot_status write_onnx(const void *argument, struct ocelot_error *err)
{
    return check_written(ocelot_onnx_write(((const struct made *)argument)->model, path, err), err);
}

static enum ocelot_status write_range(const void *argument, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_svm_write_range(((const struct made *)argument)->model, path, err);
    remove(path);
    return status;
}

static enum ocelot_status widen(const void *argument, struct ocelot_error *err)
{
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_svm_widen(((const struct made *)argument)->model, 0, 6, &model, err);
    ocelot_model_free(model);
    return status;
}

static enum ocelot_status kernel_row(const void *argument, struct ocelot_error *err)
{
    double values[ROWS];
    return ocelot_svm_kernel_row(((const struct made *)argument)->model, rows, values, err);
}

static enum ocelot_status draw(const void *argument, struct ocelot_error *err)
{
    char *dot = NULL;
    enum ocelot_status status = ocelot_model_dot(((const struct made *)argument)->model, &dot, err);
    free(dot);
    return status;
}

static enum ocelot_status train(const void *argument, struct ocelot_error *err)
{
    const struct ocelot_train_options options = training(argument);
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_svm_train(rows, ROWS, FEATURES, names, &options, &model, err);
    ocelot_model_free(model);
    return status;
}

static enum ocelot_status explain_with_settings(const void *argument, struct ocelot_error *err)
{
    const char *const settings[] = {argument};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    options.method = "lrp";
    options.settings = settings;
    options.setting_count = 1;
    enum ocelot_status status = ocelot_plan_create(made[4].model, &options, &plan, err);
    ocelot_plan_free(plan);
    return status;
}

static enum ocelot_status score(const void *argument, struct ocelot_error *err)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_decision decision[ROWS];
    enum ocelot_status status = ocelot_plan_create_score(((const struct made *)argument)->model, NULL, &plan, err);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(plan, &workspace, err);
    if (status == OCELOT_OK)
        status = ocelot_score(plan, workspace, rows, ROWS, decision, err);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return status;
}

#define MODEL(k, what)                                                                                                                               \
    {"read " what, read_memory, &made[k]}, {"write " what, write_model, &made[k]}, {"write as ONNX " what, write_onnx, &made[k]},                    \
        {"read from ONNX " what, read_onnx, &made[k]}, {"widen " what, widen, &made[k]}, {"draw " what, draw, &made[k]},                             \
    {                                                                                                                                                \
        "score " what, score, &made[k]                                                                                                               \
    }
#define TRAINED(k, what)                                                                                                                             \
    MODEL(k, what),                                                                                                                                  \
    {                                                                                                                                                \
        "train " what, train, &made[k]                                                                                                               \
    }

const struct fault_scenario fault_model_scenarios[] = {
    TRAINED(0, "rbf"),
    TRAINED(1, "laplace"),
    TRAINED(2, "generalised Gaussian"),
    TRAINED(3, "student"),
    TRAINED(4, "linear"),
    TRAINED(5, "polynomial"),
    TRAINED(6, "sigmoid"),
    MODEL(7, "three classes"),
    MODEL(8, "two classes"),
    MODEL(9, "regression"),
    MODEL(10, "one class with density marks"),
    {"write a range file", write_range, &made[0]},
    {"kernel values of a row", kernel_row, &made[1]},
    {"read with a range file", read_scaled, "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 1\nrho 0.1\nSV\n1 1:1 2:0 3:1\n"},
    {"read precomputed", read_precomputed, NULL},
    {"settings of a method", explain_with_settings, "composite=epsilon-plus"},
    {0}};
