#include "shell/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/size.h"

/* What a signal handler must remove. Handlers see globals only; this one is written while the signals are blocked. */
static char pending[4096];

static void remove_pending(int number)
{
    if (pending[0]) {
        unlink(pending);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void set_pending(const char *path)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    sigset_t these, before;
    sigemptyset(&these);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        sigaddset(&these, numbers[k]);
    }
    sigprocmask(SIG_BLOCK, &these, &before);
    pending[0] = '\0';
    if (path && strlen(path) < sizeof pending) {
        memcpy(pending, path, strlen(path) + 1);
    }
    for (size_t k = 0; path && k < sizeof numbers / sizeof *numbers; k++) {
        struct sigaction now;
        /* A signal that the caller wants ignored (nohup) stays ignored. */
        if (sigaction(numbers[k], NULL, &now) == 0 && now.sa_handler == SIG_DFL) {
            struct sigaction action = {.sa_handler = remove_pending};
            sigemptyset(&action.sa_mask);
            sigaction(numbers[k], &action, NULL);
        }
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static enum ocelot_status fail(const struct ocelot_output *output, const char *what, struct ocelot_error *err)
{
    /* Nobody reads any more: an end, not news. */
    if (errno == EPIPE) {
        ocelot_fail(err, OCELOT_E_IO, "%s", "");
        return OCELOT_E_IO;
    }
    return ocelot_fail(err, OCELOT_E_IO, "%s: %s: %s", output->path ? output->path : "standard output", what, strerror(errno));
}

/* Puts in *target the path that the link at `path` leads to, also where nothing is there yet; a copy of `path` where it is no link. */
static enum ocelot_status follow(const char *path, char **target, struct ocelot_error *err)
{
    char link[4096];
    *target = ocelot_copy_text(path, strlen(path));
    for (size_t hops = 0; *target && hops < 40; hops++) { /* 40 links are what Linux follows */
        ssize_t length = readlink(*target, link, sizeof link);
        if (length < 0 || (size_t)length == sizeof link) {
            return OCELOT_OK;
        }
        const char *slash = link[0] == '/' ? NULL : strrchr(*target, '/');
        size_t folder = slash ? (size_t)(slash - *target) + 1 : 0;
        char *next = ocelot_allocate(folder + (size_t)length + 1, 1);
        if (next) {
            memcpy(next, *target, folder);
            memcpy(next + folder, link, (size_t)length);
            next[folder + (size_t)length] = '\0';
        }
        free(*target);
        *target = next;
    }
    return *target ? OCELOT_OK : ocelot_fail_memory(err, "the output's name");
}

/* What is no plain file is written in place, and so are /dev/stdout and its like: links to what is open already, not to a name. */
static bool in_place(const char *path)
{
    struct stat about;
    return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 || (stat(path, &about) == 0 && !S_ISREG(about.st_mode));
}

static enum ocelot_status open_file(struct ocelot_output *output, struct ocelot_error *err)
{
    if (in_place(output->path)) {
        output->stream = fopen(output->path, "wb");
        return output->stream ? OCELOT_OK : fail(output, "cannot be opened", err);
    }
    enum ocelot_status status = follow(output->path, &output->target, err);
    if (status) {
        return status;
    }
    size_t room = strlen(output->target) + 32;
    output->temporary = ocelot_allocate(room, 1);
    if (!output->temporary) {
        return ocelot_fail_memory(err, "the output's name");
    }
    snprintf(output->temporary, room, "%s.%ld.tmp", output->target, (long)getpid());
    int file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) {
        free(output->temporary);
        output->temporary = NULL;
        return fail(output, "cannot be made", err);
    }
    set_pending(output->temporary);
    output->stream = fdopen(file, "wb");
    if (!output->stream) {
        close(file);
        return fail(output, "cannot be opened", err);
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_output_open(struct ocelot_output *output, const char *path, bool seek, struct ocelot_error *err)
{
    *output = (struct ocelot_output){0};
    if (path && strcmp(path, "-") != 0) {
        output->path = ocelot_copy_text(path, strlen(path));
        if (!output->path) {
            return ocelot_fail_memory(err, "the output's name");
        }
        enum ocelot_status status = open_file(output, err);
        if (status) {
            ocelot_output_discard(output);
        }
        return status;
    }
    output->stream = stdout;
    if (seek) {
        output->stream = tmpfile();
        output->spooled = true;
    }
    return output->stream ? OCELOT_OK : fail(output, "no temporary file", err);
}

enum ocelot_status ocelot_output_spare(const char *path, const char *input, struct ocelot_error *err)
{
    struct stat out, in;
    if (!path || stat(path, &out) || stat(input, &in) || !S_ISREG(in.st_mode) || out.st_dev != in.st_dev || out.st_ino != in.st_ino) {
        return OCELOT_OK;
    }
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: the output would replace what is read; give it another name", path);
}

enum ocelot_status ocelot_output_write(struct ocelot_output *output, const struct ocelot_text *text, struct ocelot_error *err)
{
    if (text->failed) {
        return ocelot_fail_memory(err, "the records of a batch");
    }
    if (text->length && fwrite(text->bytes, 1, text->length, output->stream) != text->length) {
        return fail(output, "cannot be written", err);
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_output_flush(struct ocelot_output *output, struct ocelot_error *err)
{
    return output->spooled || fflush(output->stream) == 0 ? OCELOT_OK : fail(output, "cannot be written", err);
}

enum ocelot_status ocelot_output_rewrite(struct ocelot_output *output, const struct ocelot_text *text, struct ocelot_error *err)
{
    if (fseek(output->stream, 0, SEEK_SET)) {
        return fail(output, "cannot seek, which this format needs", err);
    }
    enum ocelot_status status = ocelot_output_write(output, text, err);
    if (!status && fseek(output->stream, 0, SEEK_END)) {
        status = fail(output, "cannot seek, which this format needs", err);
    }
    return status;
}

/* Copies the spool to standard output. */
static enum ocelot_status unspool(struct ocelot_output *output, struct ocelot_error *err)
{
    char piece[65536];
    size_t n = 0;
    rewind(output->stream);
    while ((n = fread(piece, 1, sizeof piece, output->stream)) > 0) {
        if (fwrite(piece, 1, n, stdout) != n) {
            return fail(output, "cannot be written", err);
        }
    }
    return ferror(output->stream) || fflush(stdout) ? fail(output, "cannot be written", err) : OCELOT_OK;
}

enum ocelot_status ocelot_output_finish(struct ocelot_output *output, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    if (output->spooled) {
        status = unspool(output, err);
    } else if (output->stream == stdout) {
        status = fflush(stdout) ? fail(output, "cannot be written", err) : OCELOT_OK;
    } else {
        int bad = fflush(output->stream);
        bad = bad || (output->temporary && fsync(fileno(output->stream)));
        bad = fclose(output->stream) || bad;
        output->stream = NULL;
        if (bad) {
            status = fail(output, "cannot be written", err);
        } else if (output->temporary && rename(output->temporary, output->target)) {
            status = fail(output, "cannot be renamed to", err);
        } else if (output->temporary) {
            set_pending(NULL);
            free(output->temporary);
            output->temporary = NULL;
        }
    }
    ocelot_output_discard(output);
    return status;
}

void ocelot_output_discard(struct ocelot_output *output)
{
    if (output->stream && output->stream != stdout) {
        fclose(output->stream);
    }
    if (output->temporary) {
        unlink(output->temporary);
        set_pending(NULL);
    }
    free(output->temporary);
    free(output->target);
    free(output->path);
    *output = (struct ocelot_output){0};
}
