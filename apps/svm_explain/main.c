/* svm-explain: svm-predict's command line, with relevance in place of labels. */
#include <stdio.h>
#include <string.h>

#include "ocelot/model.h"
#include "shell/command.h"
#include "stream/opening.h"
#include "stream/stream.h"

struct settings {
    bool quiet;
    size_t probability, threads;
    const char *method, *range;
};

static const struct ocelot_option table[] = {
    {.name = "probability",
     .letter = 'b',
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct settings, probability),
     .placeholder = "0|1",
     .high = 1,
     .fallback = "0",
     .summary = "taken for the sake of scripts made for svm-predict; what is explained is the decision, so that nothing changes"},
    {.name = "quiet", .letter = 'q', .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct settings, quiet), .summary = "quiet mode (no outputs)"},
    {.name = "method",
     .letter = 'm',
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct settings, method),
     .placeholder = "METHOD",
     .summary = "how to explain, a name that `ocelot methods` lists; without this, the model's own: dtd or taylor"},
    {.name = "range",
     .letter = 'r',
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct settings, range),
     .placeholder = "FILE",
     .summary = "range file of svm-scale that the model was trained with; test_file is then unscaled"},
    {.name = "threads",
     .letter = 'j',
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct settings, threads),
     .placeholder = "N",
     .high = 1024,
     .fallback = "0",
     .summary = "number of threads; 0 = as many as processors"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {{"Options", table, 0}, {.table = NULL}};

static int report(const struct ocelot_program *program, const struct settings *settings, const struct ocelot_stream_totals *totals)
{
    if (totals->failed) {
        ocelot_remark(program, "%zu of %zu rows could not be explained; the first: %s", totals->failed, totals->rows, totals->first_failure);
    }
    if (!settings->quiet && totals->labelled) {
        printf("Accuracy = %g%% (%zu/%zu) (classification)\n", 100 * (double)totals->correct / (double)totals->labelled, totals->correct,
               totals->labelled);
    }
    return totals->failed ? OCELOT_EXIT_ROWS : OCELOT_EXIT_DONE;
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    struct ocelot_error err = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_output output = {0};
    struct ocelot_stream_totals totals = {0};
    struct ocelot_opening_settings opening = {.range = settings->range};
    struct ocelot_reader_settings reader = {.input_format = "libsvm"};
    struct ocelot_stream_settings stream = {
        .format = "libsvm", .output = invocation->operands[2], .method = settings->method, .threads = settings->threads, .quiet = settings->quiet};
    struct ocelot_stream_request request = {.program = invocation->program,
                                            .data = invocation->operands,
                                            .data_count = 1,
                                            .explain = true,
                                            .settings = &stream,
                                            .reader = &reader,
                                            .format = &ocelot_format_libsvm};
    enum ocelot_status status = ocelot_output_spare(stream.output, invocation->operands[0], &err);
    status = status ? status : ocelot_output_spare(stream.output, invocation->operands[1], &err);
    status = status ? status : ocelot_opening_read(invocation->operands[1], &opening, &model, &err);
    request.model = model;
    status = status ? status : ocelot_output_open(&output, stream.output, false, &err);
    status = status ? status : ocelot_stream_run(&request, &output, &totals, &err);
    status = status ? status : ocelot_output_finish(&output, &err);
    ocelot_output_discard(&output);
    ocelot_model_free(model);
    return status ? ocelot_complain(invocation->program, &err) : report(invocation->program, settings, &totals);
}

static const struct ocelot_command command = {
    .name = "svm-explain",
    .summary = "explain what svm-predict predicts, in LIBSVM's data format",
    .usage = (const char *const[]){"[options] test_file model_file output_file", NULL},
    .description = "Takes the arguments of svm-predict, in its order, and writes for each row of test_file the relevance of its features in LIBSVM's "
                   "data format: "
                   "`label idx:R ... # outlier_score S threshold T residual D`. The label is the prediction that svm-predict writes. Any model file "
                   "of svm-train -s 2 "
                   "(one-class), -s 0 or -s 1 (classification) will do, and those of ocelot train.",
    .groups = groups,
    .examples = (const struct ocelot_example[]){{"svm-explain test.txt train.txt.model test.relevance",
                                                 "Explains a model that `svm-train -s 2 train.txt` made."},
                                                {"svm-explain -r scale.txt raw.txt scaled.txt.model raw.relevance",
                                                 "The same for a model that was trained on data scaled by `svm-scale -s scale.txt`."},
                                                {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 3,
    .most = 3,
    .run = run,
};

static const struct ocelot_command *const commands[] = {&command, NULL};

static const struct ocelot_program program = {
    .name = "svm-explain",
    .summary = "explain what svm-predict predicts, in LIBSVM's data format",
    .description = "",
    .commands = commands,
    .vocabulary = ocelot_method_vocabulary,
    .single = true,
    .usage_status = OCELOT_EXIT_FAILURE,
};

/* The documentation is made when the program is built; these two words are not files anybody would have. */
static int document(void (*write)(struct ocelot_text *out))
{
    struct ocelot_text text = {0};
    write(&text);
    return ocelot_say(&program, &text);
}

static void write_man(struct ocelot_text *out)
{
    ocelot_man_command(&program, &command, out);
}

static void write_completion(struct ocelot_text *out)
{
    ocelot_completion_bash(&program, out);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--man") == 0) {
        return document(write_man);
    }
    if (argc == 2 && strcmp(argv[1], "--completion=bash") == 0) {
        return document(write_completion);
    }
    return ocelot_program_run(&program, argc, argv);
}
