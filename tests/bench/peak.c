/* The largest resident memory of a command, which is the program's own: what Python's or a shell's child reports begins with the memory of the
 * parent.
 *
 *     ocelot-peak FILE COMMAND [ARGUMENT...]
 *
 * Runs the command, appends its kilobytes as one line to FILE, and ends with its exit status. */
#define _DEFAULT_SOURCE /* NOLINT(bugprone-reserved-identifier): wait4 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage usage;
    int status = 0;
    if (argc < 3) {
        fprintf(stderr, "usage: ocelot-peak FILE COMMAND [ARGUMENT...]\n");
        return 2;
    }
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 126;
    FILE *file = fopen(argv[1], "a");
    if (!file || fprintf(file, "%ld\n", usage.ru_maxrss) < 0 || fclose(file) != 0)
        return 126;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
